"""Words of news that say the same: what is told with another of them is told, and nothing is put in.

One word stands in one group only, and the groups are narrow: `killed` is no `injured`, a `village` no `town`, a `plan`
no `decision`. Words that stand together are in `PHRASES`.
"""

from __future__ import annotations

#: Groups with bars between them.
_TEXT = """\
rise increase climb gain jump surge soar grow growth raise raised raising|fall drop decline decrease slide slump tumble plunge dip shrink shrank shrunk narrow|
cut reduce reduction lower slash trim|injure hurt wound harm|begin start commence|end finish conclude|buy purchase acquire acquisition|
show demonstrate reveal|find discover discovery detect spot locate|help assist assistance aid|try attempt|ask request|plan intend aim intention|
expect anticipate forecast predict reckon|support endorse favour favor|reject refuse rebuff|criticise criticize condemn denounce slam lambast censure criticism|
praise laud applaud commend|allow permit authorise authorize|ban prohibit forbid outlaw forbidden prohibition|close shut|
build construct construction erect|produce manufacture production|establish create|destroy ruin wreck demolish raze destruction|repair fix mend|
choose select pick|leave depart exit|resign quit|dismiss sack|hire recruit|beat defeat|receive obtain|donate contribute donation|
job position|staff employee employ employed workforce personnel worker|company firm corporation enterprise|doctor physician medic|child kid youngster|
student pupil|car automobile|train rail railway|plane aircraft aeroplane airplane|ship boat vessel|home household|fire blaze|
crash collide collision|money cash|pay wage salary|law legislation|rule regulation|sue lawsuit|jail prison imprison gaol|
arrest detain apprehend|inquiry investigation investigate probe enquiry|study research|researcher scientist|illness disease sickness|
vaccine jab vaccination inoculation|medicine medication|protest protester protestor demonstrator demonstration|strike walkout|
referendum plebiscite|agree deal accord pact|talk negotiate negotiation discussion discuss|propose proposal|threat threaten|danger risk hazard|
fear worry concern|anger fury outrage angry furious|problem difficulty trouble|mistake error blunder|cause reason trigger prompt spark|
result outcome consequence|effect impact|target objective|large big huge enormous|larger bigger|largest biggest|small tiny|
main principal key|quick fast rapid swift|rich wealthy affluent|area region|centre center middle|country nation|resident inhabitant|
customer client shopper|visitor guest|tourist holidaymaker|passenger traveller traveler|fan supporter|match game fixture|film movie|
writer author|photo photograph picture image|website webpage|document paper|phone telephone|power electricity|rubbish garbage trash waste|
forest woodland|coast shore|earthquake quake tremor|explode explosion blast|gun firearm|soldier troop|army military|attack assault|
steal theft|search hunt|rescue save|escape flee|hide conceal|carry transport|move relocate relocation shift transfer|travel journey trip voyage|
remain stay|resume restart|delay postpone defer|cancel scrap axe|happen occur|include contain comprise|retain maintain|
think believe|admit acknowledge concede|confirm verify|promise pledge vow|apologise apologize apology sorry|prize award|
limit cap restrict restriction|tax levy|tariff duty|fee charge|fine penalty|refund reimburse|faulty defective|famous renowned|severe serious grave|parcel package|share stock|unemployment jobless|flat apartment|
rent lease|exam examination test|pollution contamination pollute contaminate|animal creature|collect gather|
widen expand enlarge|strengthen bolster boost reinforce|worsen deteriorate|protect safeguard shield|replace substitute|
withdraw withdrawal|contest competition|dispute row|factory plant|enough sufficient|nearby neighbouring neighboring|doubt sceptical skeptical|
costly expensive|cheap inexpensive|brand label|lorry truck|pavement sidewalk|
petrol gasoline|football soccer|holiday vacation|extra additional|whole entire|
death fatality|evidence proof|weapon arms|border frontier|speed pace|anniversary jubilee|
bid tender|owner proprietor|cooperate collaborate cooperation collaboration|vanish disappear|discount rebate|
storey floor|abroad overseas|teenager adolescent teen|spouse partner|kidnap abduct abduction|
sample specimen|method technique|skill ability"""

#: Two words, the first in any form, that say what one does.
PHRASES: dict[tuple[str, str], str] = {
    ("go", "up"): "rise", ("come", "down"): "fall", ("step", "down"): "resign", ("turn", "down"): "reject", ("vote", "down"): "reject", ("throw", "out"): "reject",
    ("call", "off"): "cancel", ("pull", "out"): "withdraw", ("put", "off"): "delay", ("take", "place"): "happen", ("turn", "up"): "find",
    ("take", "part"): "participate", ("break", "out"): "begin", ("go", "on"): "continue", ("carry", "on"): "continue", ("give", "up"): "abandon",
    ("take", "back"): "recall", ("set", "free"): "release", ("walk", "out"): "strike", ("shut", "down"): "close", ("cut", "back"): "cut",
    ("bring", "in"): "introduce", ("give", "back"): "return", ("give", "away"): "donate", ("wipe", "out"): "exterminate", ("set", "up"): "establish",
}  # fmt: skip

GROUPS: tuple[tuple[str, ...], ...] = tuple(
    tuple(group.split()) for group in _TEXT.split("|") if group.strip()
)
