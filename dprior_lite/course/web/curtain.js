// The curtain of a question: what follows it stays covered until the reader has answered or asked to see it.
//
// Covered is everything after the question's cell up to <div class="dp-end"></div>, or, where none comes before the next
// question with a curtain, up to the next heading. It works on whatever holds the page: sections of the built book, cells
// of JupyterLab, which come and go. An error of any script lifts every curtain: better a spoiled guess than a lost page.
(function (D) {
  "use strict";
  var SELF = ".dp-box[data-curtain]", SHUT = '.dp-box[data-curtain=""]', CELL = "div.cell, .jp-Cell";
  var ROOT = "article, main, .jp-Notebook, .jp-NotebookPanel-notebook, body";
  var covered = new Map();

  function progress(id) {
    var kept = D.store.get(id);
    return kept && typeof kept === "object" ? kept : {};
  }

  // The element where the covered part ends; null if it goes on to the end of the page.
  function end(cell, root) {
    var marks = root.querySelectorAll("h1, h2, h3, h4, h5, h6, .dp-end, " + SELF), heading = null;
    for (var i = 0; i < marks.length; i++) {
      var mark = marks[i];
      if (!(cell.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING) || cell.contains(mark)) continue;
      if (mark.closest("[data-dprior]") && !mark.matches(SELF)) continue;
      if (mark.matches(".dp-end")) return mark;
      if (mark.matches(SELF)) return heading || mark.closest(CELL) || mark;
      heading = heading || mark;
    }
    return heading;
  }

  // Every element between the two, the smallest number of them.
  function between(cell, last, root) {
    var found = [], at = cell;
    while (at && at !== root) {
      var next = at.nextElementSibling;
      if (!next) {
        at = at.parentElement;
        continue;
      }
      while (next && last && next !== last && next.contains(last)) next = next.firstElementChild;
      if (!next || next === last) break;
      found.push(next);
      at = next;
    }
    return found;
  }

  function cover(section) {
    var cell = section.closest(CELL), root = cell && cell.parentElement.closest(ROOT);
    if (!root) return;
    var wanted = new Set(between(cell, end(cell, root), root)), before = covered.get(section) || new Set();
    before.forEach(function (element) { if (!wanted.has(element)) element.classList.remove("dp-curtain"); });
    wanted.forEach(function (element) { element.classList.add("dp-curtain"); });
    covered.set(section, wanted);
  }

  D.raise = function (section) {
    (covered.get(section) || new Set()).forEach(function (element) { element.classList.remove("dp-curtain"); });
    covered.delete(section);
    // what two curtains cover stays covered by the other
    covered.forEach(function (wanted) { wanted.forEach(function (element) { element.classList.add("dp-curtain"); }); });
    section.setAttribute("data-curtain", "raised");
    var note = section.querySelector(".dp-covered");
    if (note) note.hidden = true;
  };

  D.lift = function () {
    D.lifted = true;
    document.querySelectorAll(".dp-curtain").forEach(function (element) { element.classList.remove("dp-curtain"); });
    document.querySelectorAll(".dp-covered, [data-skip]").forEach(function (part) { part.hidden = true; });
  };

  // A question that was executed again has another one in its place.
  function forget() {
    covered.forEach(function (wanted, section) {
      var other = !section.isConnected && document.querySelector('.dp-box[data-id="' + section.dataset.id + '"]');
      if (other) D.raise(section);
    });
  }

  // A link to something covered raises the curtain before it.
  function target() {
    try {
      return location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (error) { return null; } // no name: "#%"
  }
  function raiseForLink() {
    var wanted = target(), curtain = wanted && wanted.closest(".dp-curtain");
    if (!curtain) return;
    Array.from(covered.keys()).forEach(function (section) { if (covered.get(section).has(curtain)) D.raise(section); });
    wanted.scrollIntoView();
  }

  D.curtains = function () {
    if (D.lifted) return;
    try {
      forget();
      document.querySelectorAll(SHUT).forEach(function (section) {
        if (progress(section.dataset.id).seen) D.raise(section); else cover(section);
      });
      raiseForLink();
    } catch (error) {
      D.lift();
      setTimeout(function () { throw error; });
    }
  };

  if (!D.liftsOnErrors) {
    addEventListener("error", function (event) {
      // the theme's own complaints are none of ours
      if (!/\/_static\/(?!dprior)/.test(event.filename || "")) D.lift();
    });
    addEventListener("unhandledrejection", function () { D.lift(); });
    addEventListener("hashchange", function () { D.curtains(); });
  }
  D.liftsOnErrors = true;
})(window.DPrior);
