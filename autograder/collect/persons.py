"""Who in the roster a name in an archive means. Standard library only: the process that unpacks loads it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from autograder.course.names import as_in_moodle, comparable

GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "ł": "l"})
Person = Sequence[str]  # id, full name, and what else is this person's alone: e-mail address, user name


class Persons:
    """The people of a roster, to be found by what archives call them."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people = tuple(tuple(person) for person in people)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._by_word: dict[str, list[tuple[str, tuple[Counter[str], ...]]]] = defaultdict(list)
        for key, name, *others in self.people:
            for known in filter(None, (key, name, *others)):
                for written in (known, as_in_moodle(known)):
                    self._by_name[comparable(written)].add(key)
            for known in filter(None, (key, *others)):
                if name and (words := _words(known)):
                    forms = tuple(Counter(words) + Counter(form) for form in _forms(name))
                    self._by_word[words[0]].append((key, forms))

    def __bool__(self) -> bool:
        return bool(self.people)

    def find(self, name: str) -> str:
        """Return the id of the one person of this name, id or address, else "".

        A longer name means a person if it is the id and the whole name, in any order, and numbers, as ILIAS
        and Sakai write it: "Lovelace_Ada_alovelace_301", "Lovelace, Ada(alovelace)".
        """
        last, comma, first = name.partition(",")
        turned = self._by_name.get(comparable(f"{first} {last}"), set()) if comma else set()
        same = self._by_name.get(comparable(name), set()) or turned
        if not same:
            held = Counter(_words(name))
            near = (entry for word in held for entry in self._by_word.get(word, ()))
            same = {key for key, forms in near if any(_is_told(form, held) for form in forms)}
        return next(iter(same)) if len(same) == 1 else ""

    def to_json(self) -> str:
        """Return all in one text, for another process."""
        return json.dumps(self.people)


def from_json(text: str) -> Persons:
    """Return the people of whom `to_json` wrote."""
    return Persons(json.loads(text))


def are_groups(folders: Iterable[tuple[str, Sequence[str]]], persons: Persons) -> bool:
    """Return whether folders are groups: what is in each is mostly people's, and none is a person's itself.

    Parameters
    ----------
    folders : the name of each, and the names in it
    """
    filled = [(name, inner) for name, inner in folders if inner]
    known = [[bool(persons.find(name)) for name in inner] for _, inner in filled]
    several = sum(map(sum, known)) > 1 and 2 * sum(map(sum, known)) > sum(map(len, known))
    return several and all(map(any, known)) and not any(persons.find(name) for name, _ in filled)


def _is_told(form: Counter[str], held: Counter[str]) -> bool:
    return form <= held and all(word.isdigit() for word in held - form)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", comparable(text))


def _forms(name: str) -> tuple[list[str], ...]:
    """Return the words of a name as it is, and in the letters of ASCII, in two ways."""
    whole = comparable(name)
    letters = unicodedata.normalize("NFD", whole)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _words(whole), _words(whole.translate(GERMAN)), _words(bare)
