"""Columns that look sensitive by their name, in the languages that databases are often named in.

The last words of a name say what its values are: `user_email` has e-mail addresses, and `email_sent` has not.
"""

from __future__ import annotations

from ktx_daemon.profile.names import split_words
from ktx_daemon.warehouses.model.profile import Sensitive, SensitiveClass
from ktx_daemon.warehouses.model.profiling import Kind

# Words before or after the last one that do not change what the values are.
_ENDS = (
    "address addr adresse adresa direccion indirizzo number numbers num nr no value hash hashed encrypted enc raw text "
    "plain plaintext home work office primary secondary main old new"
)
_SUFFIXES = frozenset(_ENDS.split())
# First words of flags and counts.
_FLAG_WORDS = "is has was can allow allows use uses count num total last next"
_FLAGS = frozenset(_FLAG_WORDS.split())

_TERMS: dict[SensitiveClass, tuple[str, ...]] = {
    "secret": (
        *("password", "passwords", "passwd", "pwd", "passphrase", "passcode", "passwort", "kennwort", "contrasena"),
        *("contrasenia", "clave secreta", "senha", "mot de passe", "motdepasse", "mdp", "wachtwoord", "haslo", "heslo"),
        *("losenord", "parola", "пароль", "secret", "secrets", "api key", "apikey", "api keys", "access key"),
        *("accesskey", "private key", "privatekey", "secret key", "secretkey", "signing key", "encryption key"),
        *("token", "tokens", "jwt", "credential", "credentials", "cvv", "cvc", "cvv2", "cvc2", "connection string"),
    ),
    "email": ("email", "emails", "e mail", "mail", "emailaddress", "correo", "correo electronico", "courriel", "epost"),
    "phone": (
        *("phone", "phones", "telephone", "telephones", "mobile", "cellphone", "cell phone", "phonenumber", "tel"),
        *("homephone", "workphone", "mobilephone", "telefon", "telefonnummer", "telefono", "telefone", "telefoon"),
        *("celular", "movil", "handy", "handynummer", "mobilnummer", "rufnummer", "msisdn", "fax", "телефон"),
    ),
    "card": (
        *("card number", "card no", "card num", "card nr", "cardnumber", "credit card", "creditcard", "debit card"),
        *("debitcard", "payment card", "bank card", "cc number", "cc num", "cc no", "ccnumber", "ccnum", "ccn"),
        *("kreditkarte", "kreditkartennummer", "kartennummer", "tarjeta", "carte bancaire", "numero carte", "cartao"),
    ),
    "iban": ("iban", "ibans"),
    "national_id": (
        *("ssn", "social security", "social security number", "socialsecuritynumber", "social insurance number"),
        *("national id", "nationalid", "national identifier", "national insurance", "nino", "passport", "passport no"),
        *("passportnumber", "driver license", "drivers license", "driving license", "driving licence", "tax id"),
        *("taxid", "taxpayer id", "tin", "itin", "steuernummer", "steuer id", "steuerid", "sozialversicherungsnummer"),
        *("personalausweis", "reisepass", "dni", "nie", "nif", "curp", "cpf", "aadhaar", "aadhar", "bsn", "pesel"),
        *("codice fiscale", "codicefiscale", "numero securite sociale", "nir", "personnummer", "fodselsnummer", "cnp"),
    ),
    "person": (
        *("first name", "firstname", "middle name", "middlename", "last name", "lastname", "full name", "fullname"),
        *("surname", "given name", "givenname", "forename", "family name", "familyname", "maiden name", "maidenname"),
        *("vorname", "nachname", "familienname", "geburtsname", "prenom", "nom de famille", "nombre completo"),
        *("apellido", "apellidos", "cognome", "sobrenome", "achternaam", "voornaam", "фамилия"),
        *("street", "street name", "address line", "address", "adresse", "anschrift", "strasse", "straße", "direccion"),
        *(
            "indirizzo",
            "endereco",
            "birth date",
            "birthdate",
            "birthday",
            "date of birth",
            "dateofbirth",
            "dob",
            "born",
        ),
        *("geburtsdatum", "geburtstag", "geboren", "fecha de nacimiento", "fecha nacimiento", "date de naissance"),
        *("date naissance", "data di nascita", "data nascita", "data nascimento", "geboortedatum"),
    ),
}
# Words before `address` that make it one of a computer, or of an account.
_MACHINE_WORDS = "ip ipv mac web url http site email mail memory network host server bus wallet contract"
_MACHINES = frozenset(_MACHINE_WORDS.split())
# Words that are also others, which are sensitive at the end of a longer one: `useremail`, `userpassword`.
_ENDINGS: dict[str, SensitiveClass] = {"password": "secret", "email": "email", "apikey": "secret"}
_TITLES = {
    "secret": "a secret",
    "email": "an e-mail address",
    "phone": "a phone number",
    "card": "a card number",
    "iban": "an IBAN",
    "national_id": "a national identifier",
    "person": "the name, the address or the birth of a person",
}
_TEXTS = (Kind.TEXT, Kind.LABEL, Kind.BINARY, Kind.OPAQUE, Kind.UUID)
_DIGITS = (*_TEXTS, Kind.INTEGER, Kind.DECIMAL)
_KINDS: dict[SensitiveClass, tuple[Kind, ...]] = {
    "secret": _TEXTS,
    "email": _TEXTS,
    "iban": _TEXTS,
    "phone": _DIGITS,
    "card": _DIGITS,
    "national_id": _DIGITS,
    "person": (*_TEXTS, Kind.DATE, Kind.TIMESTAMP),
}


def classify_name(name: str, kind: Kind) -> Sensitive | None:
    """Return the class of a column by its name and the kind of its type; None if it does not look sensitive."""
    words = split_words(name)
    if not words or (words[0] in _FLAGS and words[:2] != ["last", "name"]):
        return None
    found = _find(words)
    if found is None or kind not in _KINDS[found[0]]:
        return None
    return Sensitive(found[0], "name", f"The name has the word '{found[1]}', as that of {_TITLES[found[0]]}")


def _find(words: list[str]) -> tuple[SensitiveClass, str] | None:
    rest = list(words)
    while rest:
        text = " " + " ".join(rest)
        for name, terms in _TERMS.items():
            for term in terms:
                if text.endswith(f" {term}") and not (term == "address" and _MACHINES.intersection(rest)):
                    return name, term
        for ending, name in _ENDINGS.items():
            if rest[-1].endswith(ending):
                return name, ending
        if rest[-1] not in _SUFFIXES and not rest[-1].isdigit():
            return None
        rest.pop()
    return None
