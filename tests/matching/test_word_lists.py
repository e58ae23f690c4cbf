"""The word lists of the rules: every entry changes a result."""

import pytest

from papertrack.matching.british import american, british
from papertrack.matching.phrases import Phrasebook
from papertrack.matching.plurals import plurals, singular, singulars
from papertrack.matching.terms import terms
from papertrack.matching.typos import TypoFinder
from papertrack.matching.words import TokenizedText, forms, is_acronym, may_change_start

# Each ending and word of the lists, in a word that has it.
_PLURALS = """
    cats cat, metrics metric, topics topic, heuristics heuristic, characteristics characteristic,
    logics logic, critics critic, clinics clinic, statistics statistic, fabrics fabric,
    epidemics epidemic, pandemics pandemic, ceramics ceramic, antibiotics antibiotic,
    rubrics rubric, mosaics mosaic, relics relic, plastics plastic, mimics mimic,
    quadrics quadric, menus menu, gurus guru, plateaus plateau, emojis emoji,
    tsunamis tsunami, wikis wiki, kiwis kiwi, alibis alibi, safaris safari, bikinis bikini,
    harmonics harmonic, geodesics geodesic, electrics electric, ferroics ferroic,
    academics academic, classics classic, cosmetics cosmetic, narcotics narcotic, lyrics lyric,
    comics comic, panics panic, epics epic, attics attic, tropics tropic, cubics cubic,
    conics conic, yetis yeti, chilis chili, corgis corgi, haikus haiku, tofus tofu,
    calories calorie, ties tie, bodies body, heroes hero, shoes shoe, boxes box, axes axis,
    praxes praxis, batches batch, headaches headache, meshes mesh, classes class,
    phrases phrase, bases basis, sizes size, waltzes waltz, buzzes buzz, quizzes quiz,
    buses bus, causes cause, analyses analysis, paralyses paralysis, dialyses dialysis,
    theses thesis, diagnoses diagnosis, crises crisis, syntheses synthesis,
    hypotheses hypothesis, symposes symposis, viruses virus, campuses campus, focuses focus,
    statuses status, apparatuses apparatus, bonuses bonus, censuses census,
    consensuses consensus, atlases atlas, canvases canvas, aliases alias, octopuses octopus,
    nexuses nexus, choruses chorus, irises iris, pluses plus, minuses minus, geniuses genius,
    corpuses corpus, lenses lens, circuses circus, metropolises metropolis,
    services service, indices index, vertices vertex, vortices vortex, cortices cortex,
    codices codex, simplices simplex, matrices matrix, appendices appendix, helices helix,
    radices radix, directrices directrix, leaves leaf, halves half, shelves shelf,
    selves self, calves calf, wolves wolf, loaves loaf, thieves thief, hooves hoof,
    scarves scarf, elves elf, dwarves dwarf, sheaves sheaf, wharves wharf, lives life,
    wives wife, knives knife, addenda addendum, aquaria aquarium, atria atrium,
    bacteria bacterium, cilia cilium, compendia compendium, consortia consortium,
    continua continuum, crania cranium, curricula curriculum, desiderata desideratum,
    equilibria equilibrium, errata erratum, extrema extremum, infima infimum, maxima maximum,
    memoranda memorandum, millennia millennium, minima minimum, momenta momentum,
    moratoria moratorium, mycelia mycelium, optima optimum, quanta quantum, septa septum,
    spectra spectrum, stadia stadium, strata stratum, suprema supremum, symposia symposium,
    vacua vacuum, hyperspectra hyperspectrum, data datum, media medium, automata automaton,
    criteria criterion, ganglia ganglion, polyhedra polyhedron, mitochondria mitochondrion,
    phenomena phenomenon, schemata schema, formulae formula, nuclei nucleus, loci locus,
    stimuli stimulus, phobias phobia, plateaux plateau, women woman, salesmen salesman,
    fishermen fisherman, policemen policeman, firemen fireman, freshmen freshman,
    workmen workman, chairmen chairman, apices apex, biases bias, busses bus, caches cache,
    children child, corpora corpus, dice die, feet foot, fora forum, gases gas, gasses gas,
    geese goose, genera genus, larynges larynx, lice louse, men man, mice mouse, movies movie,
    cookies cookie, ova ovum, oxen ox, pancreases pancreas, people person, sera serum,
    acetabula acetabulum, auditoria auditorium, basidia basidium, candelabra candelabrum,
    capitula capitulum, cerebella cerebellum, cerebra cerebrum, colloquia colloquium,
    conidia conidium, corrigenda corrigendum, dicta dictum, diverticula diverticulum,
    effluvia effluvium, emporia emporium, endometria endometrium, flagella flagellum,
    frusta frustum, fulcra fulcrum, gymnasia gymnasium, herbaria herbarium,
    honoraria honorarium, interregna interregnum, labia labium, opercula operculum,
    ostia ostium, phyla phylum, planetaria planetarium, plectra plectrum,
    referenda referendum, reticula reticulum, rostra rostrum, sanatoria sanatorium,
    scutella scutellum, simulacra simulacrum, sporangia sporangium, terraria terrarium,
    epithelia epithelium, trapezia trapezium, vestibula vestibulum, vincula vinculum,
    vivaria vivarium, aphelia aphelion, etyma etymon, lexica lexicon, noumena noumenon,
    perihelia perihelion, prolegomena prolegomenon, subgenera subgenus, viscera viscus,
    subcorpora subcorpus, foramina foramen, pharynges pharynx, phalanges phalanx,
    calyces calyx, ephemerides ephemeris, apsides apsis, abaci abacus, acini acinus,
    alumni alumnus, alveoli alveolus, annuli annulus, bacilli bacillus, bronchi bronchus,
    cacti cactus, calculi calculus, cocci coccus, cumuli cumulus, emboli embolus,
    foci focus, fungi fungus, glomeruli glomerulus, gyri gyrus,
    hippocampi hippocampus, homunculi homunculus, incubi incubus, menisci meniscus,
    moduli modulus, nevi nevus, nucleoli nucleolus, radii radius, rhombi rhombus,
    sarcophagi sarcophagus, sulci sulcus, syllabi syllabus, tarsi tarsus, termini terminus,
    thalami thalamus, thrombi thrombus, tori torus, tumuli tumulus, uteri uterus,
    villi villus, laymen layman, ilea ileum, irides iris, lumina lumen, pelves pelvis,
    sterna sternum, taxa taxon, taxis taxi, teeth tooth, testes testis, suffices suffice, uses use
"""
PLURALS = dict(pair.split() for pair in _PLURALS.split(","))
# The same for the roots, endings and words of British spelling.
_BRITISH = """
    optimise optimize, optimised optimized, optimiser optimizer, optimising optimizing,
    optimisation optimization, organisational organizational, recognisable recognizable,
    customisability customizability, analyse analyze, paralysed paralyzed,
    labelled labeled, modeller modeler, travelling traveling, fuelled fueled,
    signalling signaling, instalment instalment, installment instalment, skilful skilful,
    skillful skilful, marvellous marvelous, neighbour neighbor, behavioural behavioral,
    tumour tumor, centre center, fibre fiber, meagre meager, metred metered,
    dialogue dialog, catalogued cataloged, cataloguing cataloging,
    anaemia anemia, leukaemia leukemia, anaesthetised anesthetized, aetiology etiology,
    ageing aging, aluminium aluminum, amoeba ameba, archaeology archeology,
    artefact artifact, caecum cecum, caesium cesium, chimaera chimera, coeliac celiac,
    defence defense, faecal fecal, foetus fetus, greyscale grayscale,
    gynaecology gynecology, haemoglobin hemoglobin, homoeopathy homeopathy,
    judgement judgment, acknowledgement acknowledgment, licence license,
    manoeuvring maneuvering, mediaeval medieval, moulding molding, naevus nevus,
    oedema edema, oesophagus esophagus, oestrogen estrogen, offence offense,
    paediatric pediatric, palaeontology paleontology, apnoea apnea, practise practice,
    pretence pretense, diarrhoea diarrhea, sceptical skeptical, sulphide sulfide,
    abridgement abridgment, cyphertext ciphertext,
    decyphered deciphered, enquiries inquiries, moulting molting, ochre ocher,
    sepulchre sepulcher, tuneable tunable, tuneability tunability, appal appall,
    benefitting benefiting, cancelation cancellation, combatted combated,
    combatting combating, connexion connection, cosy cozy, counsellor counselor, disc disk,
    enthral enthrall, inflexion inflection, instil instill, jewellery jewelry,
    learnt learned, mollusc mollusk, speciality specialty, targetted targeted,
    targetting targeting, unlearnt unlearned, useability usability, useable usable,
    wilful willful, woollen woolen,
    benefitted benefited, biassed biased, centring centering, centred centered,
    distil distill, enrol enroll, focussed focused, focussing focusing, fulfil fulfill,
    grey gray, haem heme, manoeuvre maneuver, odour odor, plough plow,
    programme program, timbre timbre, tyre tire
"""
BRITISH = dict(pair.split() for pair in _BRITISH.split(","))


def _words(text):
    return text.split()


FUNCTION_WORDS = _words(
    """
    a all an and any are as at be but by can do for from has have if in into is it its no not of
    on one or our so the to us was we were with
    """
)
CLAUSE_WORDS = _words(
    """
    about after also before been being between both could does each he her his how may might must
    other over per she should such than that their them then there these they this those through
    under using via what when where which while who will within without would
    """
)


def mentioned_words(phrase, text):
    """The words of a text that mention a phrase, None if none do."""
    tokens = TokenizedText(text)
    mention = Phrasebook([phrase]).mentions(tokens).get(phrase)
    return mention and tokens.text_between(mention.first, mention.last)


def test_a_plural_has_its_singular_and_the_singular_its_plural():
    wrong = [
        plural
        for plural, base in PLURALS.items()
        if base not in singulars(plural) or plural not in plurals(base)
    ]
    assert wrong == []


def test_of_several_singulars_the_likeliest_comes_first():
    others = [plural for plural, base in PLURALS.items() if singular(plural) != base]
    assert others == _words(
        "calories ties shoes praxes headaches bases waltzes data media schemata formulae dice"
        " cookies people"
    )


def test_a_word_that_only_looks_like_a_plural_has_no_other_singular():
    words = _words("alias anti atlas bias canvas debias lens mini multi news pancreas semi series")
    assert [word for word in words if singulars(word) != (word,)] == []
    assert [singulars(word) for word in ("theses", "suffices", "uses", "gpus", "magics")] == [
        ("thesis",),
        ("suffice",),
        ("use",),
        ("gpu",),
        ("magic",),
    ]


def test_a_phrase_with_a_plural_matches_its_singular_and_the_other_way_round():
    pairs = [*PLURALS.items(), *((base, plural) for plural, base in PLURALS.items())]
    phrases = Phrasebook([f"qqq {word}" for word, _ in pairs])
    wrong = [
        (word, other)
        for word, other in pairs
        if f"qqq {word}" not in phrases.mentions(TokenizedText(f"qqq {other}"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("plural", "bases"),
    [("bases", {"base", "basis"}), ("axes", {"axe", "axis"}), ("lives", {"life", "live"})],
)
def test_an_ambiguous_plural_has_several_singulars_which_stay_different(plural, bases):
    assert bases <= set(singulars(plural))
    first, second = (set(forms(base)) for base in bases)
    assert first.isdisjoint(second)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        *(("news", "new"), ("mass", "mas"), ("bias", "bia"), ("lens", "len"), ("loss", "los")),
        *(("process", "proces"), ("physics", "physic"), ("semantics", "semantic")),
        *(("plasma", "plasmon"), ("mini", "minus"), ("suffices", "suffix"), ("saves", "safe")),
        *(("uses", "us"), ("corpses", "corps")),
        *(("alumina", "aluminum"), ("these", "theses"), ("silica", "silicon"), ("era", "eron")),
        *(("filing", "filling"), ("timber", "timbre"), ("believes", "belief"), ("poem", "pem")),
        *(("daemon", "demon"), ("cypher", "cipher"), ("cisterna", "cisternum")),
        *(("cheque", "check"), ("alumina", "alumen"), ("permeable", "permanent")),
        *(("specimen", "speciman"), ("transition", "translation"), ("coexist", "cexist")),
    ],
)
def test_no_two_words_of_their_own_have_a_form_in_common(word, other):
    assert set(forms(word)).isdisjoint(forms(other))


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("princess", "princess"),
        ("praxis", "praxis"),
        ("alias", "alias"),
        ("atlas", "atlas"),
        ("canvas", "canvas"),
        ("lens", "lens"),
        ("news", "news"),
        ("series", "series"),
        ("species", "species"),
        ("gas", "gas"),
        ("cats", "cat"),
        ("gpus", "gpu"),
        ("apis", "api"),
        ("focus", "focus"),
        ("basis", "basis"),
        ("ties", "ty"),
        ("bodies", "body"),
        ("physics", "physics"),
        ("topics", "topic"),
        ("metrics", "metric"),
        ("heuristics", "heuristic"),
        ("characteristics", "characteristic"),
        ("logics", "logic"),
        ("critics", "critic"),
        ("clinics", "clinic"),
        ("classes", "class"),
        ("boxes", "box"),
        ("batches", "batch"),
        ("meshes", "mesh"),
        ("buzzes", "buzz"),
        ("uses", "use"),
        ("graph", "graph"),
    ],
)
def test_the_singular_depends_on_the_ending(word, base):
    assert singular(word) == base


def test_a_british_word_becomes_american_and_the_other_way_round():
    becomes = {word: american(word) for word in BRITISH}
    assert becomes == BRITISH
    assert [word for word, other in BRITISH.items() if word not in british(other)] == []


@pytest.mark.parametrize("word", ["hour", "rise", "bre", "dialogues", "filling", "coexist"])
def test_a_word_that_only_looks_british_stays(word):
    assert american(word) == word


def test_words_that_are_respelled_in_their_first_letters_are_known():
    changed = []
    for word in (*BRITISH, "fibres", "odours", "ploughs", "tyres"):
        compared = 3 if len(word) < 6 else 4
        if word[:compared] != american(singular(word))[:compared]:
            changed.append(word)
    assert {"tyre", "odours", "fibres"} <= {*changed}
    assert [word for word in changed if not may_change_start(word)] == []


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("bodies", True),
        ("body", False),
        ("boxes", True),
        ("fibre", True),
        ("fibres", True),
        ("wives", True),
        ("categories", False),
        ("theatre", True),
        ("haemal", True),
        ("foetal", True),
        ("sulphur", True),
        ("networks", False),
    ],
)
def test_normalizing_may_change_the_first_letters_of_short_words(word, changes):
    assert may_change_start(word) is changes


def test_a_phrase_does_not_extend_across_a_separating_word():
    words = (*FUNCTION_WORDS, *CLAUSE_WORDS)
    assert [
        word for word in words if mentioned_words("graph network", f"graph {word} network")
    ] == []


def test_a_function_word_is_not_joined_with_the_next_word():
    joined = [word for word in FUNCTION_WORDS if mentioned_words(f"{word}qqq", f"{word} qqq")]
    hyphened = [word for word in FUNCTION_WORDS if mentioned_words(f"{word}qqq", f"{word}-qqq")]
    assert (joined, hyphened) == ([], FUNCTION_WORDS)


def test_another_separating_word_may_be_joined_with_the_next_word():
    words = [word for word in CLAUSE_WORDS if singular(word) == word]
    assert [word for word in words if not mentioned_words(f"{word}qqq", f"{word} qqq")] == []


def test_no_term_begins_or_ends_with_a_separating_word():
    words = (*FUNCTION_WORDS, *CLAUSE_WORDS)
    found = {word: set(terms(f"{word} graphs", f"graphs {word}")) for word in words}
    assert [word for word in words if found[word] != {("graph",)}] == []


@pytest.mark.parametrize("word", ["and", "for", "in", "of", "on", "to"])
def test_some_separating_words_are_allowed_inside_a_term(word):
    assert ("graphs", word, "number") in terms(f"graphs {word} numbers")


@pytest.mark.parametrize("word", ["with", "by", "the", "a", "7"])
def test_other_separating_words_and_numbers_divide_terms(word):
    assert set(terms(f"graphs {word} numbers")) == {("graph",), ("number",)}


def test_an_acronym_has_up_to_five_letters_and_a_capital_inside():
    assert [is_acronym(word) for word in ("ABCDE", "ABCDEs", "ABCDEF", "aB", "A", "Ab")] == [
        *(True, True, False, True, False, False)
    ]


def corrections(word, watched):
    return TypoFinder([watched]).corrections(word, word)


@pytest.mark.parametrize("suffix", ["ed", "er", "ly", "al", "ic", "or"])
def test_a_word_with_another_suffix_is_not_a_typo(suffix):
    assert corrections(f"quantizxtion{suffix}", "quantizxtion") == {}
    assert corrections("quantizxtionzz", "quantizxtion") == {"quantizxtion": 2}


@pytest.mark.parametrize("prefix", ["un", "in", "im", "re", "de", "bi", "co"])
def test_a_word_with_another_prefix_is_not_a_typo(prefix):
    assert corrections(f"{prefix}quantizxtion", "quantizxtion") == {}
    assert corrections("zzquantizxtion", "quantizxtion") == {"quantizxtion": 2}


@pytest.mark.parametrize(
    ("word", "watched"),
    [
        ("quantizxer", "quantizxed"),
        ("quantizxed", "quantizxer"),
        ("quantizxed", "quantizxe"),
        ("quantizxer", "quantizxe"),
    ],
)
def test_a_word_with_ed_or_er_is_not_a_typo_of_the_other_form(word, watched):
    assert corrections(word, watched) == {}


def test_longer_words_allow_more_edits():
    assert corrections("abcdzf", "abcdef") == {"abcdef": 1}
    assert corrections("abcdz", "abcde") == {}
    assert corrections("abcdefgzz", "abcdefghi") == {}
    assert corrections("abcdefghzz", "abcdefghij") == {"abcdefghij": 2}
    assert corrections("abcdefgzzz", "abcdefghij") == {}


def test_a_typo_must_share_one_end_with_the_word():
    assert corrections("abcdefgh", "abcdxfgh") == {"abcdxfgh": 1}
    assert corrections("zbcdefgh", "abcdefgh") == {"abcdefgh": 1}
    assert corrections("abcdefgz", "abcdefgh") == {"abcdefgh": 1}
    assert corrections("zbcdefghiz", "abcdefghij") == {}


def test_the_plural_of_a_misspelled_word_is_corrected():
    assert corrections("abcdzfs", "abcdef") == {"abcdef": 1}


def test_only_a_word_without_capitals_inside_or_all_in_capitals_is_a_typo():
    assert TypoFinder(["abcdef"]).corrections("AbcdZf", "abcdzf") == {}
    assert TypoFinder(["abcdef"]).corrections("ABCDZF", "abcdzf") == {"abcdef": 1}
    assert TypoFinder(["abcdef"]).corrections("ABCDZFs", "abcdzfs") == {"abcdef": 1}
    assert TypoFinder(["abcdef"]).corrections("Abcdzf", "abcdzf") == {"abcdef": 1}
