"""Ordinary English words that begin sentences of news: a capital there makes no name of them, nor of their plurals."""

from __future__ import annotations

from digest.facts.word_lists import word_set

COMMON = word_set(
    """able about above access accident according account activist actor administration adult advice advocate
    agency agencies agent agreement aid air airline airport ambulance analyst anger animal annual answer anyone
    apart apartment appeal application area army around arrest art article artist asked assistance association
    athlete attack attempt attendance audience author authorities authority average award baby background ballot
    bank bar battle beach bear bed beer behaviour bell benefit better big bill bird board boat bomb book border
    born boss bosses boy branch bread breakfast bridge brother budget builder building bus buses business
    businesses buyer cabinet call camera campaign campaigners cancer candidate captain car care case cash cat
    cattle cause celebration centre center century ceremony certain chairman champion chance change charge
    charities charity chief child childhood children choice church churches cinema citizen city civil claim
    class classes clean clear climate club coach coaches coal coast coffee collection college comment commission
    committee communities community commuter companies company competition complaint concern conditions
    conference conflict congress conservation construction consumer contact contract control cooperation cost
    council councillors countries country couple court cover crash credit crew crime criminals crisis critic
    crop crowd culture current customer cycling cyclists damage dance danger data daughter dead deal dealers
    death debate debt decision defence defendants defense delay delegates demand democracy department design
    designers despite details detective development diet digital diplomats director disease disputes district
    doctor document dog donations donors door doubts dozens drink driver drought drug dry early earnings
    earthquake eating economic economists economy editor education efforts egg elderly election electric
    electricity emergency emissions employee employers employment enemy energy engineer entry environment
    environmental equipment estimates evening event everyone evidence examiners executives exercise exhibition
    experience experts explosion export extra eyewitnesses face factories factory failure families family fan
    fares farm farmer farming fast father fears federal fees female ferries ferry festival fewer fighters
    figures film final finance financial fire firefighters firm fish fishermen fishing flights flood flooding
    flower food football force forecasters forecasts foreign forest forward founded founders free fresh freight
    friend fruit fuel fund funding funeral future game garden gas girl global goals gold goods government
    graduates grants grass ground group growers growth guard guests guide gun gunmen harbour hard head health
    hearing heart heat heating heavy height heritage higher highways hikers historians history holiday homeless
    homes homeowners horse hospital host hot hotel household housing human hundreds hunters ice ideas illegal
    images immigrants immigration import improvements incident income increases independent individual
    industrial industry inflation information initial injured injuries innovation inside inspectors institutions
    insurance insurers interest international internet interviews investigation investigators investment
    investors islanders issues jobs journalist judge juries jurors jury justice key kids killing kind kings
    kitchen knowledge land landlords language large late law lawmakers lawyer leader leadership leading learning
    leaving left legal legislation legislators lessons letter level librarians libraries library life lifeguards
    lights limited link little loan lobbyists local long low lower luck lunch machine magazine mail main male
    man management manager manufacturers manufacturing map marchers marine marriage match materials mayors meal
    measures meat media medical medicine members memorial men merchants message metal meteorologists middle
    midfielder migrants military milk mine miners ministers minor minority missing mobile model modern money
    mother motorists mountain mourners movement movie municipal murder museum music musicians names nations
    native natural nature naval navy negotiations negotiators neighbors neighbours nerves network newspapers
    night nobody noise northern notes nuclear numbers nurse objectors observers offers office officers officials
    oil older online onlookers opera operation operators opinion opponents opposition options orders ordinary
    organisation organisers organization organizers original output outside overall owners pain painting panel
    paper paramedics parent park parking parliament parties partners parts party passengers passers-by past
    patients patrols pay payment peace pedestrians pension pensioners performance permits personal petitioners
    petrol phone photographers photographs physicians pilots plaintiffs plane planners planning plant plastic
    players pleas poets police policies policy political politicians politics polls pollution poor popular
    population port post postal potential poverty power practice prayers preliminary preparations presidents
    pressure previous price primary prison prisoners private prize problems proceedings proceeds producers
    production products profit programme progress projects prominent proof property proposals prosecution
    prosecutors protection protesters protestors protests providers psychologists publication publishers pupils
    questions radio rail railway rain rainfall rates readers recent records recovery recruits red reform
    refugees regional regulators relatives relations relief religious renters repairs representatives reputation
    rescue rescuers research researchers reservations reservoir residents resistance responses responsibility
    restaurant results retail retailers retirement returns revenue reviewers rice riders rights rising risk
    river road roof rules rumours runners rural sailors salaries sales samples satellite savings scenes schools
    science scientists scores screening sea search secondary secret security seeds sellers senators senior
    separate series service settlers several severe shareholders shares ships shop shoppers shopping shoulder
    signs similar single sister skiers skills sleep slow small smaller smoke snow social society soldiers
    solicitors solution sons sources south southern space speakers special specialists spectators speech speed
    spending sport spring squad stadium stage standards state statements statistics steel stocks stone storm
    strategy street strict strikers strikes striking strong student studies study subscribers suburbs success
    summer supplies supporters surgeons surgery survey survivors suspects swimmers symptoms talks tax taxes
    taxpayers teacher teaching team technical technicians technology teenagers telephone television temperatures
    tenants tensions terrorists tests theatre theft thieves thousands ticket tide timber tourism tourists
    tournament towns trade traders traditional traffic train training transport travel travellers travelers
    treatment trees trial troops trucks trustees twins umpires unemployment union universities university unlike
    urban usual vaccine vegetables vehicle vendors veterans victims video viewers views village villagers
    violence visitors voices volunteers voters votes voting wages walkers war warm warnings waste watch water
    weather websites western wheat whereas whistleblowers whole wild wildlife wind wine winners winter witnesses
    wives women wood words workers workforce writers yachts yields younger youth accused added adding adopted
    after aged agreed airing allowing almost alone along also although amid among another anybody apparently
    arriving as asking at attended based beaten because before begun behind being below beside between beyond
    blamed both built but by called calling closed coming compared concerned considering containing cut dated
    declared defeated delivered depending described designed developed driven driving due during each earlier
    either elected elsewhere encouraged ending enough entering especially essentially even eventually ever
    everything exactly except facing failing faced fifteen fifty finally five fixed following for forced former
    formerly forty four from frequently fully funded further generally given giving going having held here hit
    holding how however if immediately in including increasing indeed initially instead into investigating its
    just keen killed known last lately later launched lawfully least led less like likely listed living located
    looking lost made mainly making many meanwhile measuring more moreover most mostly moving much named naming
    nearby nearly neither never nevertheless next nine none nor normally not nothing now obviously of off
    officially often on once one only open opened opening opposing or organised organized originally other
    otherwise out over overnight owned paid particularly partly paying people perhaps permission planned played
    playing possibly present presently previously probably promising proposed provided publicly published put
    quickly rather raised raising ranked reached reacting recently recorded regardless released remaining
    reported reportedly representing responding returning roughly running said saying scheduled second seen
    selling sent set seven shortly shot showing simply since six sixteen sixty so sold some somehow someone
    something sometimes soon speaking spent staged standing starting still stopped subsequently such suddenly
    supported supposedly surprisingly taken taking talking ten than thanks that the their then there thereafter
    therefore these they thirteen thirty this those though three through throughout thus to today together told
    tomorrow tonight too toward twelve twenty twice two typically ultimately under unfortunately unless unlikely
    until up upon used using usually valued various via very viewed visiting wearing weighing well what whatever
    when where whether which while who whoever whose why will with within without work working worldwide worse
    worst writing written yes yesterday yet zero notably additionally interestingly currently allegedly"""
)
