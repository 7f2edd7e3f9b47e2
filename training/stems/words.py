"""Sentences for the speech synthesisers: words that we listed, drawn at random, with numbers and exclamations.

They mean nothing; what counts is that every language's sounds come along. Latin script without accents where the
synthesiser reads it so.
"""
_WORDS = {
    "en": "the a my your this that old new river house mother morning window never always open close quickly silver garden stranger "
          "thirty weather listen whisper machine orange through yellow measure judge church television photograph why how who",
    "de": "der die das ein mein alte neue haus mutter morgen fenster niemals immer langsam silber garten fremder wetter "
          "maschine zwischen schnee brot kirche warum wir gehen sprechen zusammen hund strasse zug",
    "fr": "le la les mon ton vieux maison matin jamais toujours vite argent jardin temps machine jaune pourquoi nous "
          "parlons ensemble chien rue train bonjour monde chanson lumiere petit rouge",
    "es": "el la los mi tu viejo casa noche ventana nunca siempre despacio plata jardin tiempo amarillo donde hablamos juntos "
          "perro calle guerra zapato fuego llave mujer hijo manana",
    "it": "il la lo mio tuo vecchio casa notte finestra mai sempre piano argento giardino tempo giallo perche parliamo insieme "
          "cane strada guerra scarpa fuoco chiave donna figlio gnomo",
    "pt-br": "o a os meu seu velho casa noite janela nunca sempre devagar prata jardim tempo amarelo onde falamos juntos cachorro rua "
             "fogo chave mulher filho amanha coisa",
    "nl": "de het een mijn oude huis moeder morgen raam nooit altijd langzaam zilver tuin vreemde weer machine geel waarom wij gaan "
          "spreken samen hond straat trein schip goed",
    "sv": "den det en min gamla hus mamma morgon aldrig alltid silver natt gul varfor vi talar tillsammans hund gata skepp sju kind",
    "pl": "ten ta to moj stary dom matka rano okno nigdy zawsze szybko srebro ogrod czas maszyna dlaczego razem pies ulica szczescie "
          "chrzan czysty dziecko",
    "hu": "az egy regi haz anya reggel ablak soha mindig lassan kert ido gep sarga miert egyutt kutya utca gyerek szep",
    "tr": "bir bu eski ev anne sabah pencere asla her zaman yavas bahce hava makine neden birlikte konusuyoruz sokak kedi gece yildiz",
    "ro": "un o casa veche mama dimineata niciodata mereu gradina vreme de ce vorbim strada noapte copil foc cheie",
    "id": "yang ini itu rumah lama ibu pagi jendela tidak pernah selalu kebun cuaca mesin kuning mengapa bersama anjing jalan malam",
    "sw": "hii ile nyumba mama asubuhi dirisha kamwe daima polepole bustani hewa mashine kwa nini pamoja mbwa barabara usiku ngoma",
    "cmn-latn-pinyin": "ni3 hao3 wo3 men5 qu4 bu4 shi4 zhe4 na4 fang2 zi5 ma1 zao3 shang5 yi1 qi3 shuo1 hua4 mei2 you3 xie4 tian1 qi4",
    "el": "το ένα παλιό σπίτι μητέρα πρωί ποτέ πάντα γρήγορα κήπος καιρός γιατί μαζί σκύλος δρόμος θάλασσα νύχτα χέρι",
    "ja": "わたし は あなた いえ あさ まど いつも ゆっくり にわ てんき きかい どうして いっしょ いぬ みち よる ひかり",
    "cs": "ten ta to stary dum matka rano okno nikdy pomalu zahrada stroj proc spolu pes ulice ryba zima kolo cesta voda slunce",
    "fi": "talo vanha aamu ikkuna aina hopea ilma kone miksi yhdessa koira katu kala vesi aurinko laulu kivi metsa",
    "hi": "घर पुराना माँ सुबह हमेशा कभी नहीं चाँदी बगीचा मौसम मशीन पीला क्यों साथ कुत्ता रात पानी सूरज गाना बच्चा धीरे",
    "mr": "घर जुने आई सकाळ खिडकी नेहमी कधीच नाही चांदी बाग हवामान यंत्र पिवळा का सोबत कुत्रा रस्ता रात्र पाणी सूर्य गाणे मुलगा हळू",
    "te": "ఇల్లు పాత అమ్మ ఉదయం కిటికీ ఎప్పుడూ వెండి తోట వాతావరణం యంత్రం పసుపు ఎందుకు కలిసి కుక్క వీధి రాత్రి నీరు సూర్యుడు పాట బాలుడు",
    "en held out": "every engine number against follow captain bridge shadow before winter letter doctor village stone paper hurry "
                   "kitchen answer question finger mountain water people between",
    "it held out": "ogni numero prima inverno lettera dottore villaggio pietra carta cucina risposta domanda dito montagna acqua gente luce",
    "cs held out": "most stin dopis doktor vesnice kamen papir kuchyne prst hora lide svetlo zitra hudba strom nebe",
    "fi held out": "silta varjo talvi kirje kyla paperi sormi vuori valo huomenna musiikki puu taivas ranta tuuli",
    "ca": "la el casa vella mare finestra mai sempre poc a poc plata jardi temps groc parlem junts gos carrer foc clau dona nit platja "
          "muntanya aigua llum",
    "ru": "дом старый мама утро окно никогда всегда быстро серебро сад погода машина почему вместе собака улица рыба зима дорога "
          "вода солнце жизнь щука",
}
LANGUAGES = tuple(_WORDS)
_EXCLAMATIONS = "oh ah hey no stop ha wow hm o ja ay".split()


def sentence(dice, language):
    """A sentence of 1 to 11 words."""
    words = _WORDS[language].split()
    if dice.flag(.06):
        return dice.choice(_EXCLAMATIONS if words[0].isascii() else words) + "!"
    chosen = [dice.choice(words) for _ in range(dice.choice((1, 2, 3, 4, 5, 6, 7, 9, 11)))]
    if dice.flag(.12):
        chosen.insert(dice.randrange(len(chosen) + 1), str(dice.randrange(1000)))
    if len(chosen) > 4 and dice.flag(.4):
        chosen[dice.randrange(1, len(chosen) - 1)] += ","
    return " ".join(chosen) + dice.choice("....?!")
