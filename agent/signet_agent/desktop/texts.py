"""The sentences of one language, by id."""

from signet_agent.desktop.catalogue import en, zh_hans

CATALOGUES = {"zh-Hans": zh_hans.SENTENCES, "en": en.SENTENCES}
"""BCP 47 tag to catalogue; the first is taken where a language is not known."""

_FALLBACK = "zh-Hans"


class Texts:
    """A catalogue that fills its sentences; what is filled in is never read as a sentence."""

    def __init__(self, language: str) -> None:
        """Take the catalogue of a BCP 47 tag, the Chinese one where there is none."""
        self.language = language if language in CATALOGUES else _FALLBACK
        self._sentences = CATALOGUES[self.language]

    def __call__(self, key: str, **places: str) -> str:
        """Return the sentence of this id with its places filled.

        Raises:
            KeyError: there is no such sentence, or a place has no value (our own fault).
        """
        return self._sentences[key].format(**places)

    def count(self, key: str, n: int) -> str:
        """Return the counted sentence of this id in the grammatical number of ``n``."""
        return self._sentences[f"{key}.one" if n == 1 else key].format(n=n)

    def opening(self, key: str, **places: str) -> str:
        """Return a sentence whose first letter is a capital even where a place opens it."""
        sentence = self(key, **places)
        return sentence[:1].upper() + sentence[1:]
