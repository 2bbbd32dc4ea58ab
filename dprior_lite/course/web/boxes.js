// Questions of a page: judge an answer, say why, keep the reader's progress, raise the curtain.
(function (D) {
  "use strict";
  D.boxes = {
    // A number with a comma or a point; NaN if it is none.
    number: function (text) {
      var plain = text.trim().replace(",", ".").replace("\u2212", "-");
      return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
    },
    // Whether an answer is the value, or the value rounded to at least `digits` significant digits.
    rounds: function (answer, value, digits) {
      if (!value) return answer === value;
      for (var n = digits; n <= 12; n++) {
        var unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - n + 1), steps = answer / unit;
        if (Math.abs(answer - value) <= unit / 2 * (1 + 1e-9) && Math.abs(steps - Math.round(steps)) <= 1e-6) return true;
      }
      return false;
    },
    // What the bank says to an answer: {ok, says}; the rule of exercises.py.
    judge: function (item, answer) {
      if (item.options) return {ok: item.options[answer].right, says: item.options[answer].says};
      function within(value) { return Math.abs(answer - value) <= item.tolerance; }
      if (within(item.value) || D.boxes.rounds(answer, item.value, item.digits)) return {ok: true, says: item.why};
      var slip = item.wrong.find(function (wrong) { return within(wrong.value); }) ||
        item.wrong.find(function (wrong) { return D.boxes.rounds(answer, wrong.value, item.digits); });
      if (slip) return {ok: false, says: slip.hint};
      var close = Math.abs(answer - item.value) <= 0.02 * Math.abs(item.value);
      return {ok: false, says: close ? item.close : item.hint};
    },
  };

  function refresher(name) { return '<a href="a_refresher.html#' + name + '">Refresh this</a>'; }

  // The reader's progress with a question, whatever was kept under its name.
  function kept(id) {
    var saved = D.store.get(id);
    saved = saved && typeof saved === "object" ? saved : {};
    var answers = Array.isArray(saved.answers) ? saved.answers.filter(function (each) { return typeof each === "number"; }) : [];
    return {answers: answers, ok: saved.ok === true, seen: saved.seen === true};
  }

  function Box(section, item, options) {
    var form = section.querySelector("form"), feedback = section.querySelector(".dp-feedback");
    var skip = section.querySelector("[data-skip]"), field = section.querySelector(".dp-number");
    var saved = kept(section.dataset.id), covered = section.querySelector(".dp-covered");
    var hides = options.curtain && !D.lifted && !saved.seen && section.closest("div.cell, .jp-Cell");

    function say(ok, verdict, text) {
      feedback.classList.toggle("dp-ok", ok);
      feedback.innerHTML = '<p><span class="dp-verdict">' + verdict + "</span> " + D.fill(text) +
        (!ok && item.refresher ? " " + refresher(item.refresher) : "") + "</p>";
      D.typeset(feedback);
    }
    function show(answer) {
      var verdict = D.boxes.judge(item, answer);
      say(verdict.ok, verdict.ok ? "Yes." : "Not quite.", verdict.says);
      section.querySelectorAll(".dp-option").forEach(function (label, i) { label.classList.toggle("dp-chosen", i === answer); });
      section.dataset.state = verdict.ok ? "right" : "wrong";
      options.changed();
      return verdict.ok;
    }
    function open() {
      saved.seen = true;
      if (skip) skip.hidden = true;
      D.raise(section);
    }
    function given() {
      var chosen = form.querySelector("input:checked");
      return field ? D.boxes.number(field.value) : chosen ? Number(chosen.value) : NaN;
    }
    function restore() {
      if (skip) skip.hidden = covered.hidden = !hides;
      var last = saved.answers[saved.answers.length - 1];
      // Nothing was answered yet, or the question was another one then.
      if (typeof last !== "number" || (item.options && !item.options[last])) return;
      if (field) field.value = last; else form.querySelectorAll("input")[last].checked = true;
      show(last);
    }

    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var answer = given();
      if (isNaN(answer)) {
        say(false, field ? "A number, please," : "Choose one first.", field ? "such as 0.5 or 0,5." : "");
        return;
      }
      saved.answers.push(answer);
      saved.ok = show(answer) || saved.ok;
      open();
      D.store.set(section.dataset.id, saved);
    });
    if (skip) skip.addEventListener("click", function () { open(); D.store.set(section.dataset.id, saved); });
    section.querySelector(".dp-actions").hidden = false;
    restore();
  }

  D.kinds.boxes = function (root, data) {
    var sections = Array.from(root.querySelectorAll(".dp-box")), score = root.querySelector(".dp-score");
    function changed() {
      if (!score) return;
      var count = function (state) { return root.querySelectorAll(state).length; };
      score.hidden = false;
      score.textContent = count('[data-state="right"]') + " of " + sections.length + " right, " +
        (sections.length - count("[data-state]")) + " still open.";
    }
    function begin() {
      sections.forEach(function (section, i) {
        Box(section, data.items[i], {curtain: data.curtain, changed: changed});
      });
    }
    begin();
  };
})(window.DPrior);
