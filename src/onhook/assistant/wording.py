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

_THING = r"(?:phones?|lines?|numbers?|devices?|handsets?|mobiles?|cells?|sims?|licen[cs]es?|services?|it|one)"
_DELETE = (
    r"delete|remove|cancel|deactivate|disconnect|terminate|close|kill|drop|scrap|unsubscribe|retire|discontinue|ditch|nuke"
    r"|erase|deprovision|decommission|deleting|removing|canceling|cancelling|cancellation|deletion|removal|termination"
)
_GONE = r"deleted|removed|cancell?ed|deactivated|disconnected|terminated|closed"

# Tried on the text after its words were corrected. The order says nothing; what wins over what is in `offline`.
PATTERNS: dict[Code, str] = {
    Code.DELETE: rf"\b(?:{_DELETE})\b"
    rf"|\b(?:want|need|needs|like|get|have|must|please|should|to)\b.* (?:be |it |him |her )?(?:{_GONE})\b"
    rf"|\bget (?:\w+ )?rid of\b|\b(?:cut|take|turn|switch|shut)(?: \w+)? (?:\w+ )?(?:\w+ )?(?:off|down)\b"
    rf"|\b(?:cut|take|turn|switch|shut) (?:off|down)\b|\bstop (?:the|this|that|his|her|my|our) (?:\w+ )?{_THING}\b"
    r"|\b(?:no longer|dont|doesnt|do not|does not|not) (?:need|use|want|needed|used|required)\b|\bsurplus\b|\bobsolete\b"
    r"|\b(?:has |have |is |just )?(?:left|quit|resigned|fired|retired|laid off|leaving)\b(?! (?:it|my|the|his|her|in|on|at)\b"
    r"(?! (?:company|firm|team|business)))"
    r"|\bleft (?:the|our) (?:company|firm|team|business)\b|\b(?:doesnt|no longer) works? (?:here|for us)\b",
    Code.LOST: r"\b(?:lost|lose|losing|loss|lsot|missing|misplaced|mislaid|vanished|disappeared|stolen|stole|steal|theft|thief|"
    r"thieves|robbed|robbery|nicked|pinched|swiped|mugged|burgled|burglary|snatched|pickpocketed|pickpocket)\b"
    r"|\b(?:cant|cannot|can not|couldnt|dont) find\b|\bbroken into\b|\bgone walkabout\b"
    r"|\bleft (?:it|my|the|his|her)(?: \w+)? (?:in|on|at)\b|\bdropped (?:it|my|the|his|her)(?: \w+)? (?:in|into|off)\b",
    Code.NEW_PHONE: r"\bnew (?:\w+ )?(?:phone|handset|device|mobile|iphone|android|smartphone|tablet)\b|\breplacement\b"
    r"|\b(?:replace|replaced|replacing|upgrade|upgraded|upgrading|swap|swapped|swapping|change|changed|changing|switched"
    r"|switching) (?:\w+ )?(?:\w+ )?(?:phones?|handsets?|mobiles?|devices?)\b|\b(?:same|keep|keeps|keeping) (?:\w+ )?numbers?\b"
    r"|\b(?:broken|broke|cracked|smashed|damaged|drowned|bricked|dead)\b|\breinstall\b|\breset the app\b|\bscreen\b",
    Code.OTHER_WORKER: r"\b(?:give|hand|pass|assign|reassign|transfer|move|reuse|rename)\b.*\b(?:to|for)\b"
    r"(?! (?:a |an |the )?(?:person|human|agent|someone at|operator|representative|real))"
    r"|\b(?:reassign|rename)\b|\b(?:another|different|new|other) (?:worker|employee|driver|colleague|hire|starter|user|person)\b"
    r"|\btak(?:e|es|ing) over\b|\bchange the (?:\w+ )?name\b",
    Code.CHARGED: r"\b(?:charged?|charges|charging|billed|paying|paid|invoiced?|invoices|overcharged|cost|costs|fees?|refund|money)\b"
    r"|\b(?:bill|bills|billing)\b.*\b(?:wrong|high|higher|too|still|same|why|much|not)\b|\bwhy\b.*\b(?:bill|pay)\b"
    r"|\b(?:still|too)\b.*\b(?:bill|bills|billing|pay)\b|\bpay for\b",
    Code.BILL: r"\b(?:bill|bills|billing|payment|payments)\b",
    Code.LINK: r"\b(?:links?|url|lnik)\b|\b(?:update|upgrade|change|adjust|lower|reduce|decrease|downgrade) (?:\w+ ){0,3}"
    r"(?:subscriptions?|licen[cs]es?|count|quantity|seats|plan|billing)\b",
    Code.STATUS: r"\b(?:status|progress|update on|any news|any update|how far|whats happening|what is happening|whats going on|eta)\b"
    rf"|\b(?:was|were|is|are|has|have|did|hasnt|isnt|wasnt)\b(?: \w+)*? (?:{_GONE}|done|finished|completed?|processed|gone through|"
    r"through)\b(?: yet| already)?|\bwhere is my (?:request|case|ticket)\b|\b(?:my|the|our) (?:request|ticket|case)\b"
    r"|\bwhat happened (?:to|with)\b|\bdone yet\b|\bdid (?:it|you|that|the \w+) (?:work|go through|delete|remove|cancel)\b"
    r"|\bhow long\b",
    Code.PERSON: r"\b(?:human|representative|operator|advis[eo]r|real person|live agent|customer (?:service|care)|call me|ring me|"
    r"phone me|callback|call back|contact me|help ?desk)\b|\b(?:an?|real|live|actual) (?:agent|person|people|rep)\b"
    r"|\b(?:talk|speak|chat|connect|transfer|put|get|reach|escalate)\b.*\b(?:person|agents?|someone|somebody|anyone|anybody|people|"
    r"support|humans?|rep|staff|guys|boss|manager|supervisor)\b|\bescalate\b",
}
ANGER = (
    r"\b(?:ridiculous|useless|terrible|awful|worst|disgusting|disgrace|hate|angry|furious|fed up|joke|rubbish|crap|wtf|stupid|"
    r"scam|shocking|unacceptable|complain|complaint|complaining|lawyer|idiots?|appalling|pathetic|damn|sick of)\b"
)
# Somebody says what shall not be done.
NOT_DELETE = (
    rf"\b(?:dont|do not|never|not to|didnt|did not|wont|without|must not|not)\b (?:\w+ ){{0,3}}(?:{_DELETE}|{_GONE})\b"
)


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
COMMON = frozenset(_EVERYDAY) | {
    word
    for pattern in [*PATTERNS.values(), ANGER]
    for word in re.findall(r"[a-z]{3,}", re.sub(r"\\[a-zA-Z]", " ", pattern))
}
_LONG = sorted(word for word in COMMON if len(word) >= _LEAST_CORRECTED)


def corrected(text: str) -> str:
    """Return the text in one form: its words, with typing errors mended towards words that a phrase knows."""
    return " ".join(_mended(word) for word in words_of(text))


def _mended(word: str) -> str:
    if len(word) < _LEAST_CORRECTED or word in COMMON or not word.isalpha():
        return word
    best = process.extractOne(word, _LONG, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)
    return best[0] if best else word
