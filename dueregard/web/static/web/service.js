// Makes forms quicker. Every page works without it.
"use strict";
(() => {
  const named = (root, name) => [...root.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const told = (root, name) => {
    const boxes = named(root, name);
    if (boxes.length && (boxes[0].type === "radio" || boxes[0].type === "checkbox")) return boxes.filter((b) => b.checked).map((b) => b.value);
    return boxes.map((b) => b.value);
  };
  const isAsked = (root, rule, prefix) => rule.split(";").some((one) => {
    const at = one.indexOf("=");
    const name = (prefix ? prefix + "-" : "") + one.slice(0, at);
    return told(root, name).some((value) => one.slice(at + 1).split(" ").includes(value));
  });

  // A question that other answers make needless is put away; what was in it is not sent.
  const conditional = (form) => {
    const questions = [...form.querySelectorAll("[data-asked-when]")];
    const look = () => questions.forEach((q) => { q.hidden = !isAsked(form, q.dataset.askedWhen, q.dataset.prefix); });
    form.addEventListener("change", look);
    look();
  };

  // In a group of radios, the digits 1 to 9 choose: one key an answer.
  const digits = (form) => form.addEventListener("keydown", (e) => {
    if (e.target.type !== "radio" || !/^[1-9]$/.test(e.key) || e.ctrlKey || e.altKey || e.metaKey) return;
    const box = named(form, e.target.name)[Number(e.key) - 1];
    if (box) { e.preventDefault(); box.click(); box.focus(); }
  });

  // "No support was offered" and a support exclude each other.
  const support = (form) => form.addEventListener("change", (e) => {
    if (!/-services$/.test(e.target.name || "") || !e.target.checked) return;
    named(form, e.target.name).forEach((b) => { if ((b.value === "none") !== (e.target.value === "none")) b.checked = false; });
  });

  // A form is sent once.
  const once = (form) => form.addEventListener("submit", (e) => {
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((f) => { delete f.dataset.sent; }));

  document.querySelectorAll("form").forEach((form) => { if (form.method === "post") { conditional(form); digits(form); support(form); once(form); } });
  const summary = document.querySelector("[data-focus-first]");
  if (summary) summary.focus();
})();
