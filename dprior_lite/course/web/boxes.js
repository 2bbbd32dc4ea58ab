// Questions of a page: judge an answer, say why, keep the reader's progress, raise the curtain before the next cell.
(function (D) {
  "use strict";
  D.boxes = {
    // A number with a comma or a point; NaN if it is none.
    number: function (text) {
      var plain = text.trim().replace(",", ".").replace("\u2212", "-");
      return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
    },
    // What the bank says to an answer: {ok, says}.
    judge: function (item, answer) {
      if (item.options) return {ok: item.options[answer].right, says: item.options[answer].says};
      if (Math.abs(answer - item.value) <= item.tolerance) return {ok: true, says: item.why};
      var slip = item.wrong.find(function (wrong) { return Math.abs(answer - wrong.value) <= item.tolerance; });
      return {ok: false, says: slip ? slip.hint : item.hint};
    },
  };

  function refresher(name) { return '<a href="a_refresher.html#' + name + '">Refresh this</a>'; }

  function nextCell(root) {
    var own = root.closest("div.cell"), cells = Array.from(document.querySelectorAll("div.cell"));
    return own && cells[cells.indexOf(own) + 1];
  }

  function Curtain(cell) {
    function raise() { cell.classList.remove("dp-curtain"); }
    function raiseForLink() {
      var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && cell.contains(target)) { raise(); target.scrollIntoView(); }
    }
    cell.classList.add("dp-curtain");
    addEventListener("hashchange", raiseForLink);
    raiseForLink();
    return raise;
  }

  function Box(section, item, options) {
    var form = section.querySelector("form"), feedback = section.querySelector(".dp-feedback");
    var skip = section.querySelector("[data-skip]"), field = section.querySelector(".dp-number");
    var saved = Object.assign({answers: [], ok: false, seen: false}, D.store.get(section.dataset.id));
    var hides = options.cell && !saved.seen, raise = hides ? Curtain(options.cell) : function () {};

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
      raise();
    }
    function given() {
      var chosen = form.querySelector("input:checked");
      return field ? D.boxes.number(field.value) : chosen ? Number(chosen.value) : NaN;
    }
    function restore() {
      if (skip) skip.hidden = !hides;
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
        Box(section, data.items[i], {cell: data.curtain && nextCell(root), changed: changed});
      });
    }
    // The cell behind the curtain and the measured numbers stand further down the page.
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
  };
})(window.DPrior);
