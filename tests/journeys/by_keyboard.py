"""A form answered with the keyboard alone, and the keys counted: what the journeys measure their time by."""

from __future__ import annotations

SECONDS_AN_ANSWER, SECONDS_A_KEY = 3.0, 0.3
FOCUS = """() => { const e = document.activeElement; const o = e.tagName === 'SELECT' ? [...e.options].map(x => [x.value, x.text]) : [];
  const group = e.type === 'radio' ? [...document.querySelectorAll(`input[name="${e.name}"]`)].map(r => [r.value, r.checked]) : [];
  return {name: e.name || '', type: e.tagName === 'SELECT' ? 'select' : (e.type || e.tagName.toLowerCase()), value: e.value || '', text: e.innerText || '', options: o, group: group, checked: !!e.checked}; }"""


class Keyboard:
    """Tab by Tab through a form. answered: questions that were answered; keys: every key that was pressed."""

    def __init__(self, page, *, has_digits: bool) -> None:
        self.page, self.has_digits, self.keys, self.answered = page, has_digits, 0, []

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def answer(self, answers: dict[str, object], *, until: str) -> None:
        """Answer these questions as focus comes to them, and go on to the button with this text."""
        for _ in range(400):
            self.press("Tab")
            here = self.page.evaluate(FOCUS)
            if here["type"] == "submit" and here["text"].startswith(until):
                left = set(answers) - set(self.answered)
                assert not left, f"focus never came to {sorted(left)}"
                return
            if here["name"] in answers and self._is_wanted(here, answers[here["name"]]):
                self._give(here, answers[here["name"]])
                if here["name"] not in self.answered:
                    self.answered.append(here["name"])
        raise AssertionError(f"the button {until!r} was not reached")

    def _is_wanted(self, here, value) -> bool:
        return here["value"] in value if here["type"] == "checkbox" else here["name"] not in self.answered

    def _give(self, here, value) -> None:
        if here["type"] == "radio":
            self._radio(here, value)
        elif here["type"] == "select":
            self._select(here, value)
        elif here["type"] == "checkbox":
            self.press("Space")
        else:
            self.type(str(value))

    def _radio(self, here, value) -> None:
        values = [v for v, _ in here["group"]]
        at, wanted = values.index(here["value"]), values.index(value)
        if self.has_digits and wanted < 9:
            self.press(str(wanted + 1))
        elif wanted == at:
            self.press("Space")
        else:
            for _ in range(wanted - at):
                self.press("ArrowDown")

    def _select(self, here, value) -> None:
        """By the first letters of the answer, then by arrows."""
        label = next(text for code, text in here["options"] if code == value)
        for letter in label[:3]:
            if not letter.isalnum():
                break
            self.type(letter)
            if self.page.evaluate("document.activeElement.value") == value:
                return
        codes = [code for code, _ in here["options"]]
        for _ in range(len(codes)):
            now = codes.index(self.page.evaluate("document.activeElement.value"))
            if now == codes.index(value):
                return
            self.press("ArrowDown" if now < codes.index(value) else "ArrowUp")

    @property
    def seconds(self) -> float:
        return len(self.answered) * SECONDS_AN_ANSWER + self.keys * SECONDS_A_KEY
