"""Ordinary English words that begin sentences of news: a capital there makes no name of them."""

from __future__ import annotations

from digest.facts.word_lists import word_set

COMMON = word_set(
    """able about above access accident accidents according account activist activists actor actors administration
    adult adults advice advocate advocates agency agencies agent agents agreement aid air airline airlines airport
    ambulance analyst analysts anger animal animals annual answer anyone apart apartment appeal application area
    army around arrest arrests art article artist artists arts asked assistance association athlete athletes
    attack attacks attempt attempts attendance audience audiences author authorities authority average award
    awards baby background ballot bank banks bar battle beach bear bed beer behaviour bell benefit better big bill
    bird birds board boat boats bomb book books border born boss bosses boy boys branch bread breakfast bridge
    bridges brother brothers budget builder builders building buildings bus buses business businesses buyer buyers
    cabinet call calls camera cameras campaign campaigners cancer candidate candidates captain car care cars case
    cases cash cat cattle cause celebration celebrations centre center century ceremony certain chairman champion
    champions chance change changes charge charges charities charity chief child childhood children choice church
    churches cinema citizen citizens city civil claim claims class classes clean clear climate club clubs coach
    coaches coal coast coffee collection college comment commission committee communities community commuter
    commuters companies company competition complaint complaints concern concerns conditions conference conflict
    congress conservation construction consumer consumers contact contract control cooperation cost costs council
    councillors councils countries country couple court courts cover crash credit crew crews crime criminals
    crisis critic critics crop crops crowd crowds culture current customer customers cycling cyclists damage dance
    danger data daughter dead deal dealers death deaths debate debt decision decisions defence defendants defense
    delay delays delegates demand democracy department departments design designers despite details detective
    detectives development diet digital diplomats director directors disease disputes district doctor doctors
    document documents dog dogs donations donors door doubts dozens drink driver drivers drought drug drugs dry
    early earnings earthquake eating economic economists economy editor editors education efforts egg eggs elderly
    election elections electric electricity emergency emissions employee employees employers employment enemy
    energy engineer engineers entry environment environmental equipment estimates evening event events everyone
    evidence examiners executives exercise exhibition experience experts explosion export exports extra
    eyewitnesses face factories factory failure families family fan fans fares farm farmer farmers farming fast
    father fears federal fees female ferries ferry festival fewer fighters figures film films final finance
    financial fire firefighters firm firms fish fishermen fishing flights flood flooding floods flower flowers
    food football force forecasters forecasts foreign forest forests forward founded founders free fresh freight
    friend friends fruit fuel fund funding funds funeral future game games garden gardens gas girl girls global
    goals gold goods government governments graduates grants grass ground group groups growers growth guard guards
    guests guide gun gunmen guns harbour hard head health hearing heart heat heating heavy height heritage higher
    highways hikers historians history holiday holidays homeless homes homeowners horse horses hospital hospitals
    host hot hotel hotels household households housing human hundreds hunters ice ideas illegal images immigrants
    immigration import imports improvements incident incidents income increases independent individual industrial
    industry inflation information initial injured injuries innovation inside inspectors institutions insurance
    insurers interest international internet interviews investigation investigations investigators investment
    investors islanders issues jobs journalist journalists judge judges juries jurors jury justice key kids
    killing kind kings kitchen knowledge land landlords language large late law lawmakers laws lawyer lawyers
    leader leaders leadership leading learning leaving left legal legislation legislators lessons letter letters
    level levels librarians libraries library life lifeguards lights limited link links little loan loans
    lobbyists local locals long low lower luck lunch machine machines magazine mail main male man management
    manager managers manufacturers manufacturing map marchers marine marriage match materials mayors meal meals
    measures meat media medical medicine members memorial men merchants message messages metal meteorologists
    middle midfielder migrants military milk mine miners ministers minor minority missing mobile model modern
    money mother mothers motorists mountain mourners movement movie movies municipal murder museum museums music
    musicians names nations native natural nature naval navy negotiations negotiators neighbors neighbours nerves
    network networks newspapers night nobody noise northern notes nuclear numbers nurse nurses objectors observers
    offers office officers officials oil older online onlookers opera operation operations operators opinion
    opponents opposition options orders ordinary organisation organisations organisers organization organizations
    organizers original output outside overall owners pain painting paintings panel paper paramedics parent
    parents park parking parks parliament parties partners parts party passengers passers-by past patients patrols
    pay payment payments peace pedestrians pension pensioners pensions performance permits personal petitioners
    petrol phone photographers photographs physicians pilots plaintiffs plane planes planners planning plant
    plants plastic players pleas poets police policies policy political politicians politics polls pollution poor
    popular population port post postal potential poverty power practice prayers preliminary preparations
    presidents pressure previous price prices primary prison prisoners prisons private prize problems proceedings
    proceeds producers production products profit profits programme programmes progress projects prominent proof
    property proposals prosecution prosecutors protection protesters protestors protests providers psychologists
    publication publishers pupils questions radio rail railway rain rainfall rates readers recent records recovery
    recruits red reform reforms refugees regional regulators relatives relations relief religious renters repairs
    representatives reputation rescue rescuers research researchers reservations reservoir residents resistance
    responses responsibility restaurant restaurants results retail retailers retirement returns revenue reviewers
    rice riders rights rising risk river rivers road roads roof rules rumours runners rural sailors salaries sales
    samples satellite savings scenes schools science scientists scores screening sea search secondary secret
    security seeds sellers senators senior separate series service services settlers several severe shareholders
    shares ships shop shoppers shopping shops shots shoulder signs similar single sister sisters skiers skills
    sleep slow small smaller smoke snow social society soldiers solicitors solution sons sources south southern
    space speakers special specialists spectators speech speed spending sport sports spring squad stadium stage
    standards state statements statistics steel stocks stone storm storms strategy street streets strict strikers
    strikes striking strong student students studies study subscribers suburbs success summer supplies supporters
    surgeons surgery survey surveys survivors suspects swimmers symptoms talks tax taxes taxpayers teacher
    teachers teaching team teams technical technicians technology teenagers telephone television temperatures
    tenants tensions terrorists tests theatre theft thieves thousands ticket tickets tide timber tourism tourists
    tournament towns trade traders traditional traffic train training trains transport travel travellers travelers
    treatment trees trial troops trucks trustees twins umpires unemployment union unions universities university
    unlike urban usual vaccine vaccines vegetables vehicle vehicles vendors veterans victims video videos viewers
    views village villagers villages violence visitors voices volunteers voters votes voting wages walkers war
    warm warnings waste watch water weather websites western wheat whereas whistleblowers whole wild wildlife wind
    winds wine winners winter witnesses wives women wood words workers workforce works writers yachts yields
    younger youth accused added adding adopted after aged agreed airing allowing almost alone along also although
    amid among annual another anybody apparently arriving as asking at attended based beaten because before begun
    behind being below beside besides between beyond blamed both building built but by called calling closed
    coming compared concerned considering containing cut dated declared defeated delivered depending described
    designed despite developed driven driving due during each earlier either elected elsewhere encouraged ending
    enough entering especially essentially even eventually ever everything exactly except facing failing faced
    fewer fifteen fifty finally five fixed following for forced former formerly forty four from frequently fully
    funded further generally given giving going having held here hit holding how however if immediately in
    including increasing indeed initially instead into investigating its just keen killed known last lately later
    launched lawfully least led less like likely listed living located looking lost made mainly making many
    meanwhile measuring more moreover most mostly moving much named naming nearby nearly neither never
    nevertheless next nine none nor normally not nothing now obviously of off officially often on once one only
    open opened opening opposing or organised organized originally other others otherwise out over overnight owned
    paid particularly partly paying people perhaps permission planned planning played playing possibly present
    presently previously probably promising proposed provided publicly published put quickly rather raised raising
    ranked reached reacting recently recorded regardless released remaining reported reportedly representing
    responding returning roughly running said saying scheduled second seen selling sent set seven shortly shot
    showing simply since six sixteen sixty so sold some somehow someone something sometimes soon speaking spent
    staged standing starting still stopped subsequently such suddenly supported supposedly surprisingly taken
    taking talking ten than thanks that the their then there thereafter therefore these they thirteen thirty this
    those though three through throughout thus to today together told tomorrow tonight too toward towards training
    twelve twenty twice two typically ultimately under unfortunately unless unlikely until up upon used using
    usually valued various via very viewed visiting wearing weighing well what whatever when where whether which
    while who whoever whose why will with within without work working worldwide worse worst writing written yes
    yesterday yet zero
    notably further additionally reportedly moreover interestingly currently originally earlier allegedly besides"""
)
