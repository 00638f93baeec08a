"""
Reads SOQL by recursive descent.

    query      = SELECT name {"," name} FROM name [WHERE group] [ORDER BY order {"," order}] [LIMIT n] [OFFSET n]
    group      = NOT operand | operand {AND operand} | operand {OR operand}
    operand    = "(" group ")" | comparison
    comparison = name operator value | name LIKE string | name [NOT] IN "(" value {"," value} ")"
    order      = name [ASC | DESC] [NULLS (FIRST | LAST)]

That AND and OR do not mix without parentheses, and that NOT stands alone in its group, is inferred.
"""

from emulators.salesforce.soql import tokens
from emulators.salesforce.soql.errors import OUT_OF_RANGE, SoqlError, malformed
from emulators.salesforce.soql.syntax import Comparison, Condition, Junction, Literal, Name, Negation, Order, Query
from emulators.salesforce.soql.tokens import Token

OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
KEYWORDS = {"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "LIKE", "IN", "ORDER", "BY", "LIMIT", "OFFSET", "NULL"}
GREATEST_OFFSET = 2000
DEEPEST = 100


def parse(query: str) -> Query:
    """
    Read one query.

    :raises SoqlError: anything but the grammar above; mostly MALFORMED_QUERY, with the place.
    """
    return _Parser(query).query()


class _Parser:
    def __init__(self, query: str) -> None:
        self._tokens = tokens.tokens_of(query)
        self._next = 0
        self._depth = 0

    def query(self) -> Query:
        self._expect("SELECT")
        fields = self._names()
        self._expect("FROM")
        query = Query(
            fields=fields,
            sobject=self._name(),
            where=self._group() if self._accept("WHERE") else None,
            orders=self._orders(),
            limit=self._count() if self._accept("LIMIT") else None,
            offset=self._offset(),
        )
        if self._token.kind != tokens.END:
            raise self._unexpected()
        return query

    def _names(self) -> tuple[Name, ...]:
        names = [self._name()]
        while self._accept_symbol(","):
            names.append(self._name())
        return tuple(names)

    def _group(self) -> Condition:
        if self._accept("NOT"):
            return Negation(operand=self._operand())
        operands = [self._operand()]
        operator = next((word for word in ("AND", "OR") if self._token.is_word(word)), None)
        if operator is None:
            return operands[0]
        while self._accept(operator):
            operands.append(self._operand())
        return Junction(operator=operator, operands=tuple(operands))

    def _operand(self) -> Condition:
        if not self._accept_symbol("("):
            return self._comparison()
        self._depth += 1
        if self._depth > DEEPEST:
            raise malformed("the query is nested too deeply", self._token.position)
        group = self._group()
        self._expect_symbol(")")
        self._depth -= 1
        return group

    def _comparison(self) -> Comparison:
        field = self._name()
        if self._accept("LIKE"):
            return Comparison(field=field, operator="LIKE", values=(), pattern=self._pattern())
        if self._accept("IN"):
            return Comparison(field=field, operator="IN", values=self._values())
        if self._accept("NOT"):
            self._expect("IN")
            return Comparison(field=field, operator="NOT IN", values=self._values())
        if self._token.kind != tokens.SYMBOL or self._token.text not in OPERATORS:
            raise self._unexpected()
        return Comparison(field=field, operator=OPERATORS[self._take().text], values=(self._literal(),))

    def _pattern(self) -> tuple[tokens.Character, ...]:
        if self._token.kind != tokens.STRING:
            raise self._unexpected()
        return tokens.pattern_of(self._take())

    def _values(self) -> tuple[Literal, ...]:
        self._expect_symbol("(")
        values = [self._literal()]
        while self._accept_symbol(","):
            values.append(self._literal())
        self._expect_symbol(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._token
        if token.kind == tokens.STRING:
            return Literal(kind="string", text=tokens.text_of(self._take()))
        if token.kind in {tokens.NUMBER, tokens.DATE, tokens.DATETIME}:
            return Literal(kind=token.kind, text=self._take().text)
        for kind, words in (("null", ("NULL",)), ("boolean", ("TRUE", "FALSE"))):
            if any(token.is_word(word) for word in words):
                return Literal(kind=kind, text=self._take().text.lower())
        raise self._unexpected()

    def _orders(self) -> tuple[Order, ...]:
        if not self._accept("ORDER"):
            return ()
        self._expect("BY")
        orders = [self._order()]
        while self._accept_symbol(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        field = self._name()
        is_descending = not self._accept("ASC") and self._accept("DESC")
        has_nulls_last = False
        if self._accept("NULLS") and not self._accept("FIRST"):
            self._expect("LAST")
            has_nulls_last = True
        return Order(field=field, is_descending=is_descending, has_nulls_last=has_nulls_last)

    def _offset(self) -> int:
        if not self._accept("OFFSET"):
            return 0
        position, offset = self._token.position, self._count()
        if offset > GREATEST_OFFSET:
            problem = f"Maximum SOQL offset allowed is {GREATEST_OFFSET}"
            raise SoqlError(code=OUT_OF_RANGE, problem=problem, position=position)
        return offset

    def _count(self) -> int:
        if self._token.kind != tokens.NUMBER or not self._token.text.isdigit():
            raise self._unexpected()
        return int(self._take().text)

    def _name(self) -> Name:
        if self._token.kind != tokens.NAME or self._token.text.upper() in KEYWORDS:
            raise self._unexpected()
        token = self._take()
        return Name(text=token.text, position=token.position)

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _accept(self, word: str) -> bool:
        if not self._token.is_word(word):
            return False
        self._next += 1
        return True

    def _accept_symbol(self, symbol: str) -> bool:
        if self._token.kind != tokens.SYMBOL or self._token.text != symbol:
            return False
        self._next += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    def _expect_symbol(self, symbol: str) -> None:
        if not self._accept_symbol(symbol):
            raise self._unexpected()

    def _unexpected(self) -> SoqlError:
        return malformed(f"unexpected token: '{self._token.text}'", self._token.position)
