"""The phrases by which people say what they want, and how a text is brought into one form before it is compared."""

# ruff: noqa: E501  # a phrase is read whole

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import process
from rapidfuzz.distance import OSA

from onhook.assistant.menu import Code

_ALIKE = 0.78
_LEAST_CORRECTED = 5

_THING = (
    r"(?:phones?|lines?|numbers?|devices?|handsets?|mobiles?|cells?|sims?|licen[cs]es?|services?|contracts?|it|one)"
)
_DELETE_VERBS = (
    r"delete|remove|cancel|deactivate|disconnect|terminate|close|kill|drop|scrap|unsubscribe|retire|discontinue|ditch|nuke"
    r"|erase|wipe|cease|deprovision|decommission|del|rmv"
)
_DELETE_NOUNS = r"deleting|removing|canceling|cancelling|cancellation|deletion|removal|termination"
_GONE = r"deleted|removed|cancell?ed|deactivated|disconnected|terminated|closed"
_PLACES = r"(?:our|the|my|your|this) (?:list|account|plan|books|subscription|contract)"
_WHO = r"(?:worker|employee|driver|colleague|hire|starter|user|person|apprentice|trainee|owner|holder)"
_PHONE = r"(?:phone|handset|device|mobile|iphone|android|smartphone|tablet)"

# Where a question begins: "is it deleted" asks, "it is deleted" tells.
_ASKING = r"(?:^|\b(?:hi|hello|hey|please|pls|so|and|but|if|whether|status|now|yet) )"

# What is done to the app, which keeps the line. It is never mixed up with a deletion.
_APP_NAME = r"(?:app|apps|application|applications)"
APP = (
    rf"\b(?:{_DELETE_VERBS}|reset|restart|reinstall|uninstall|restore|reactivate|activate|logout|signout|unlink)(?: \w+){{0,2}} {_APP_NAME}\b"
    rf"|\b(?:log|logged|logging|sign|signed|signing|take|get)(?: \w+){{0,3}} (?:out|off)(?: of)?(?: \w+){{0,2}} {_APP_NAME}\b"
    rf"|\b{_APP_NAME} (?:\w+ ){{0,2}}(?:be |is |was |been |got )?(?:{_GONE}|reset|reinstalled|uninstalled)\b"
)

# Tried on the text after its words were corrected. The order says nothing; what wins over what is in `understanding`.
PATTERNS: dict[Code, str] = {
    Code.DELETE: rf"\b(?:{_DELETE_VERBS}|{_DELETE_NOUNS})\b"
    rf"|\b(?:want|need|needs|like|get|have|must|please|should|to|be taken)\b.* (?:be |it |him |her )?(?:{_GONE}|gone|out of service)\b"
    rf"|\bget (?:\w+ )?rid of\b|\b(?:cut|take|turn|switch|shut|get)(?: \w+)?(?: \w+)?(?: \w+)? (?:off|down)\b"
    rf"|\b(?:cut|take|turn|switch|shut) (?:off|down)\b|\b(?:stop|end) (?:the|this|that|his|her|my|our) (?:\w+ )?{_THING}\b"
    rf"|\b(?:off|from) {_PLACES}\b|\b(?:give|giving) up (?:\w+ )?(?:\w+ )?{_THING}\b|\b(?:need|want|have) to lose\b|\bcan go\b"
    r"|\b(?:no longer|dont|doesnt|do not|does not|not) (?:need|use|want|require|needed|used|required)\b(?! to\b)|\bsurplus\b|\bobsolete\b"
    r"|\bnot in use\b|\b(?:nobody|no one|noone) (?:uses?|needs?|has)\b(?=.*\b(?:phone|line|number|device|it)\b)|\bnot with us\b|\bunused\b"
    r"|\b(?:has |have |is |just )?(?:left|quit|resigned|fired|retired|laid off|leaving)\b(?! (?:it|my|the|his|her|in|on|at)\b"
    r"(?! (?:company|firm|team|business)))"
    r"|\bleft (?:the|our) (?:company|firm|team|business)\b|\b(?:doesnt|no longer) works? (?:here|for us)\b",
    Code.LOST: r"\b(?:lost|(?<!to )lose|losing|loss|lsot|missing|misplaced|mislaid|vanished|disappeared|stolen|stole|steal|theft|thief|"
    r"thieves|robbed|robbery|nicked|pinched|swiped|mugged|burgled|burglary|snatched|pickpocketed|pickpocket|pocketed|awol|overboard)\b"
    r"|\b(?:cant|cannot|can not|couldnt|dont) find\b|\bbroken into\b|\bgone walkabout\b|\b(?:ran|run|runs) off with\b|\bits gone\b"
    r"|\bleft (?:it|my|the|his|her)(?: \w+)? (?:in|on|at)\b|\b(?:dropped|fell)(?: it| my| the| his| her)?(?: \w+)? (?:in|into|off|at|from)\b"
    r"|\btaken (?:out of|from)\b(?! (?:service|use|our|the account))|\bbottom of\b",
    Code.NEW_PHONE: rf"\bnew (?:\w+ )?{_PHONE}\b|\breplacement\b"
    r"|\b(?:replace|replaced|replacing|upgrade|upgraded|upgrading|swap|swapped|swapping|change|changed|changing|switched"
    r"|switching) (?:\w+ )?(?:\w+ )?(?:phones?|handsets?|mobiles?|devices?)\b|\b(?:same|keep|keeps|keeping) (?:\w+ )?numbers?\b"
    rf"|\b(?:another|different|newer|other) (?:\w+ )?{_PHONE}\b|\binstead of (?:\w+ )?old\b|\bold (?:\w+ )?{_PHONE}\b"
    r"|\b(?:doesnt|does not|wont|will not|cant|not) (?:turn|switch|power|start|charge|boot)(?:ing)?\b"
    r"|\b(?:broken|broke|cracked|smashed|damaged?|drowned|bricked|dead|died|battery)\b|\breinstall\b|\bscreen\b"
    rf"|{APP}",
    Code.OTHER_WORKER: r"\b(?:give|hand|pass|assign|reassign|reallocate|transfer|move|reuse|rename)\b.*\b(?:to|for)\b"
    r"(?! (?:a |an |the )?(?:person|human|agent|someone at|operator|representative|real))"
    rf"|\b(?:reassign|rename|reallocate)\b|\b(?:another|different|new|other) {_WHO}\b|\bgo(?:es)? to (?:our|a|the|another)\b"
    rf"|\b(?:swap|change|changed|switch)\b(?: \w+){{0,2}} {_WHO}\b|\b{_WHO}\b(?: \w+){{0,4}} (?:changed|changes)\b"
    r"|\b(?:someone|somebody) else\b|\btak(?:e|es|ing) over\b|\bchange the (?:\w+ )?name\b",
    Code.CHARGED: r"\b(?:charged?|charges|charging|billed|paying|paid|invoiced|overcharged|cost|costs|fees?|refund|money|amount)\b"
    r"|\b(?:bills?|billing|invoices?)\b.*\b(?:wrong|high|higher|too|still|same|why|much|not|instead|shows?|lists?)\b|\bwhy\b.*\b(?:bill|pay)\b"
    r"|\b(?:still|too)\b.*\b(?:bill|bills|billing|pay)\b|\bpay for\b",
    Code.BILL: r"\b(?:bill|bills|billing|invoices?|payment|payments)\b",
    Code.LINK: r"\b(?:links?|url|lnik)\b|\bchange how many\b|\b(?:update|upgrade|change|adjust|lower|reduce|decrease|downgrade) (?:\w+ ){0,3}"
    r"(?:subscriptions?|licen[cs]es?|count|quantity|seats|plan|billing)\b",
    Code.STATUS: r"\b(?:status|progress|update on|any news|any updates?|how far|what(?:s| is)? happening|what(?:s| is)? going on|eta)\b"
    rf"|{_ASKING}(?:was|were|is|are|has|have|did|hasnt|isnt|wasnt)\b(?: \w+){{0,7}}? (?:{_GONE}|done|finished|completed?|processed|"
    r"gone through|through)\b(?: yet| already| now)?|\b(?:is|are|was|were)\b(?: \w+){0,5} off(?: yet| already| now)?$|\bwhere (?:is )?my (?:request|case|ticket|order)\b|\b(?:my|the|our) (?:request|ticket|case|order)\b"
    r"|\bwhat happened (?:to|with)\b|\bdone yet\b|\bdid (?:it|you|that|(?:the|my|our) \w+) (?:work|go through|delete|remove|cancel)\b"
    r"|\bhow long\b|\bwaiting for\b|\bstill waiting\b|\bwhen will\b|^updates?(?: please| pls)?$",
    Code.PERSON: r"\b(?:human|representative|operator|advis[eo]r|real person|live agent|customer (?:service|care)|call me|ring me|"
    r"phone me|callback|call back|contact me|help ?desk|hotline|(?:chat ?)?bots?)\b|\b(?:an?|real|live|actual) (?:agent|person|people|rep)\b"
    r"|\b(?:talk|speak|chat|connect|transfer|put|get|reach|escalate)\b.*\b(?:person|agents?|someone(?! else)|somebody(?! else)|anyone|anybody"
    r"|people|support|humans?|rep|staff|guys|boss|manager|supervisor)\b|\bescalate\b|\b(?:want|need) (?:\w+ )?support\b"
    r"|\b(?:someone|somebody|anyone|anybody) (?:\w+ )?(?:call|ring|phone|help)\b"
    r"|^(?:(?:hi|hello|hey) )?(?:(?:an?|the|your|my) )?(?:agent|manager|boss|supervisor|support|staff)(?: (?:please|pls|plz|now))*$",
}
ANGER = (
    r"\b(?:ridiculous|useless|terrible|awful|worst|disgusting|disgrace|hate|angry|furious|fed up|joke|rubbish|crap|wtf|stupid|"
    r"scam|shocking|unacceptable|complain|complaint|complaining|lawyer|idiots?|appalling|pathetic|damn|sick of|fuming|hopeless|"
    r"(?:waste|wasting) (?:of )?(?:my )?time|no use|incompetent|joking|outrageous|patience|temper|trust)\b"
    r"|\byou (?:\w+ ){0,3}(?:thieves|thief|robbers|crooks|bandits)\b"
)
# What is lost is a phone where one is named, or where nothing else is.
NAMES_A_LINE = rf"\b(?:{_PHONE}s?|lines?|numbers?|sims?|cells?)\b"
LOST_ELSE = (
    r"\b(?:lost|lose|losing|loss|missing|misplaced|(?:cant|cannot|can not|couldnt|dont) find)(?: of)?(?: \w+){0,2}? "
    r"(?:patience|temper|trust|faith|confidence|hope|interest|time|track|passwords?|passcode|pin|login|access|mails?|emails?|"
    r"customers?|business|mind|way|page|button|app)\b|\byou (?:\w+ ){0,3}(?:thieves|thief|robbers|crooks|bandits)\b"
)
# A deletion that is asked for now, beside one that somebody asks about.
ASKS_TO_DELETE = (
    rf"(?<!asked you to )(?<!asked to )(?<!told you to )(?<!did you )(?<!ordered you to )\b(?:{_DELETE_VERBS})\b"
)
# A deletion or a request is to be stopped, or taken back.
UNDO = (
    r"\b(?:cancel(?:l?ing|l?ed)?|stop|halt|abort|undo|revers\w*|revert|revoke|withdraw|recall|delete|remove|drop|scrap|call off|"
    r"take back) (?:the|that|this|these|those|my|our|your|an?|any) (?:(?:deletion|removal|cancellation|open|last|whole) )?"
    r"(?:deletions?|delete|removals?|cancellations?|terminations?|plan|requests?|operations?|orders?)\b"
    r"|\b(?:cancel|stop|halt|abort|undo|reverse|revert|revoke|withdraw|call off) (?:deletion|removal|cancellation|termination)s?\b"
    r"|\b(?:undelete|undo|restore|reinstate|reactivate)\b|\b(?:bring|brought)(?: \w+){0,4} back\b"
    r"|\b(?:get|want|need|have|like)(?: \w+){0,4} (?:lines?|numbers?|devices?) back\b"
)
# Somebody says what shall not be done.
NOT_DELETE = rf"\b(?:dont|do not|never|not to|didnt|did not|wont|without|must not|not)\b (?:\w+ ){{0,3}}(?:{_DELETE_VERBS}|{_DELETE_NOUNS}|{_GONE})\b"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    without_marks = "".join(character for character in folded if not unicodedata.combining(character))
    without_owner = re.sub(r"(?<=[a-z]{3})['\u2019\u02bc`]s\b", "", without_marks)
    return re.sub(r"['\u2019\u02bc`]", "", without_owner)


def words_of(text: str) -> list[str]:
    """Return the words of `text` in small letters, without accents and signs."""
    return re.findall(r"[^\W_]+", _plain(text))


_EVERYDAY = [
    "please",
    "phone",
    "phones",
    "line",
    "lines",
    "number",
    "numbers",
    "device",
    "devices",
    "mobile",
    "handset",
    "sim",
    "want",
    "need",
    "would",
    "like",
    "could",
    "should",
    "from",
    "with",
    "this",
    "that",
    "they",
    "them",
    "their",
    "worker",
    "workers",
    "employee",
    "driver",
    "company",
    "anymore",
    "again",
    "someone",
    "somebody",
    "nobody",
    "user",
    "name",
    "names",
    "still",
    "will",
    "what",
    "when",
    "where",
    "which",
    "have",
    "been",
    "does",
    "dont",
    "about",
    "your",
    "yours",
    "mine",
    "ours",
    "and",
    "the",
    "for",
    "not",
    "you",
    "are",
    "was",
    "can",
    "get",
    "all",
    "one",
    "our",
    "his",
    "her",
    "him",
    "she",
    "who",
    "how",
    "why",
    "yes",
    "has",
    "had",
    "ago",
    "way",
    "off",
    "now",
    "out",
    "use",
    "ever",
    "never",
    "always",
    "today",
    "tomorrow",
    "yesterday",
    "instructions",
    "ignore",
    "previous",
    "system",
    "admin",
    "action",
    "actions",
    "account",
    "thanks",
    "thank",
    "hello",
    "good",
    "morning",
    "street",
    "there",
    "here",
    "these",
    "those",
    "then",
    "than",
    "into",
    "over",
    "under",
    "after",
    "before",
    "being",
    "because",
    "weather",
    "pizza",
    "joke",
    "story",
    "poem",
    "house",
    "lose",
    "cost",
    "sent",
    "sending",
    "resend",
    "list",
    "live",
    "love",
    "like",
    "life",
    "site",
    "late",
    "least",
    "last",
    "first",
    "lasts",
    "plate",
]  # a list of words reads best as text
# Every word that a phrase knows: typing errors are corrected towards them, and no worker is recognised by one alone.
_PHRASES = re.sub(r"\\[a-zA-Z]", " ", " ".join([*PATTERNS.values(), ANGER, UNDO]))
COMMON = (
    frozenset(_EVERYDAY)
    | frozenset(re.findall(r"[a-z]{3,}", _PHRASES))
    # Of `invoices?` the word without its last letter too.
    | frozenset(re.findall(r"[a-z]{3,}(?=[a-z]\?)", _PHRASES))
)
_LONG = sorted(word for word in COMMON if len(word) >= _LEAST_CORRECTED)


def corrected(text: str) -> str:
    """Return the text in one form: its words, with typing errors mended towards words that a phrase knows."""
    return " ".join(_mended(word) for word in words_of(text))


def _mended(word: str) -> str:
    if len(word) < _LEAST_CORRECTED or word in COMMON or not word.isalpha():
        return word
    # A slip is seldom in the first letter; without that, good words such as "closing" would become others.
    alike = [known for known in _LONG if known[0] == word[0]]
    best = process.extractOne(word, alike, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)
    return best[0] if best else word
