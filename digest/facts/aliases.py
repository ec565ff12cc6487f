"""Names that are each other: a country and its people, an office and its letters."""

from __future__ import annotations

#: Groups of names with bars between them, names of a group with strokes.
_TEXT = """\
/|us/u.s./u.s/usa/u.s.a./united states/america/american/americans|
uk/u.k./u.k/united kingdom/britain/british/great britain/briton/britons|eu/e.u./european union|
un/u.n./united nations|uae/united arab emirates|russia/russian/russians|germany/german/germans|
france/french/frenchman|spain/spanish/spaniard/spaniards|italy/italian/italians|poland/polish/pole/poles|
turkey/turkish/turks/turk|china/chinese|japan/japanese|india/indian/indians|netherlands/dutch/holland|
denmark/danish/dane/danes|sweden/swedish/swede/swedes|norway/norwegian/norwegians|
finland/finnish/finn/finns|switzerland/swiss|austria/austrian|belgium/belgian|greece/greek/greeks|
portugal/portuguese|ireland/irish|scotland/scottish/scots|wales/welsh|england/english|egypt/egyptian|
israel/israeli/israelis|iraq/iraqi/iraqis|iran/iranian/iranians|syria/syrian/syrians|
ukraine/ukrainian/ukrainians|mexico/mexican|brazil/brazilian|canada/canadian/canadians|
australia/australian/australians|philippines/filipino/philippine|pakistan/pakistani|
europe/european/europeans|africa/african|asia/asian|korea/korean|vietnam/vietnamese|
czech/czechs/czech republic/czechia|hungary/hungarian|lebanon/lebanese|
fbi/f.b.i./federal bureau of investigation|nato/n.a.t.o.|
who/world health organization/world health organisation|washington/washington dc/washington d.c.|
nyc/new york city|la/l.a./los angeles|dc/d.c.|argentina/argentine/argentinian|peru/peruvian|chile/chilean|
cuba/cuban|kenya/kenyan|nigeria/nigerian|ghana/ghanaian|thailand/thai|nepal/nepali|
afghanistan/afghan/afghans|saudi/saudi arabia/saudis|yemen/yemeni|libya/libyan|morocco/moroccan|
tunisia/tunisian|algeria/algerian|jordan/jordanian|iceland/icelandic|romania/romanian|bulgaria/bulgarian|
serbia/serbian|croatia/croatian|paris/parisian|london/londoner/londoners|democrat/democrats/democratic|
republican/republicans|labour/labor|conservative/conservatives/tory/tories|pm/prime minister|
mp/member of parliament|ceo/chief executive/chief executive officer|vp/vice president|
cfo/chief financial officer/finance chief|cto/chief technology officer|lib dem/liberal democrat/lib dems/liberal democrats|
gov/governor|sen/senator|sgt/sergeant|cllr/councillor|capt/captain|lt/lieutenant|det/detective"""

ALIASES: tuple[frozenset[str], ...] = tuple(
    frozenset(name.strip() for name in group.split("/")) for group in _TEXT.split("|")
)
NATIONS = frozenset(name for group in ALIASES for name in group)
#: Those that are written small.
OFFICES = frozenset(name for group in ALIASES[-14:] for name in group)
