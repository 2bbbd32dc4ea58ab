// Pictures and wide things. A click on a picture, or Enter on it, shows it as large as the screen allows; Escape or another click closes it.
(function (D) {
  "use strict";
  var STATIC = ".cell_output img, .jp-OutputArea img, .dprior img, .dprior svg.dp-drawn, figure img";
  // What may be wider than its column is reached by keys where it is.
  var SCROLLS = "mjx-container[display=true], .bd-article pre, .bd-article table, .pst-scrollable-table-container";

  function fits(picture) {
    return !picture.closest("a, button, dialog, .dp-handle") && !picture.hasAttribute("data-zoom") && !picture.closest("[data-no-zoom]");
  }
  D.enlarge = function () {
    // without scripts a picture that is shown smaller than it is links to its file; here it is enlarged in place
    document.querySelectorAll("a.image-reference > img:only-child").forEach(function (picture) {
      picture.parentNode.replaceWith(picture);
    });
    Array.from(document.querySelectorAll(STATIC)).filter(fits).forEach(function (picture) {
      picture.setAttribute("data-zoom", "");
      picture.setAttribute("tabindex", "0");
      // the words in a drawing would be no part of a button's name
      if (picture.tagName === "IMG") picture.setAttribute("role", "button");
      picture.setAttribute("aria-description", "Enter enlarges it");
    });
    // the theme names its folds by what they do, but shows another text: the text is the name
    document.querySelectorAll('summary[aria-label="Toggle hidden content"]').forEach(function (fold) {
      fold.removeAttribute("aria-label");
    });
    document.querySelectorAll(SCROLLS).forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    });
  };

  function open(picture) {
    var dialog = document.createElement("dialog"), copy = picture.cloneNode(true), close = document.createElement("button");
    dialog.className = "dp-zoom";
    dialog.setAttribute("aria-label", "Enlarged picture");
    ["data-zoom", "tabindex", "style", "width", "height", "aria-description"].forEach(function (name) { copy.removeAttribute(name); });
    copy.setAttribute("role", "img");
    // as large as the screen allows; where that is hardly larger than in the page, at twice that size, to be scrolled
    var size = picture.getBoundingClientRect(), pixelated = getComputedStyle(picture).imageRendering === "pixelated";
    var room = Math.min(0.94 * innerWidth, 0.84 * innerHeight * size.width / size.height, (pixelated ? 8 : 2.5) * size.width);
    copy.style.aspectRatio = size.width + " / " + size.height;
    copy.style.width = Math.round(room < 1.5 * size.width ? 2 * size.width : room) + "px";
    if (pixelated) copy.style.imageRendering = "pixelated";
    close.type = "button";
    close.textContent = "Close";
    dialog.append(close, copy);
    dialog.addEventListener("click", function () { dialog.close(); });
    dialog.addEventListener("close", function () {
      dialog.remove();
      picture.focus({preventScroll: true});
    });
    // JupyterLab has uses of its own for Escape
    dialog.addEventListener("keydown", function (event) { event.stopPropagation(); });
    document.body.append(dialog);
    dialog.showModal();
  }

  if (!D.zooms) {
    document.addEventListener("click", function (event) {
      var picture = event.target.closest && event.target.closest("[data-zoom]");
      if (picture) open(picture);
    });
    addEventListener("keydown", function (event) {
      if ((event.key !== "Enter" && event.key !== " ") || !event.target.matches || !event.target.matches("[data-zoom]")) return;
      event.preventDefault();
      event.stopPropagation();
      open(event.target);
    }, true);
  }
  D.zooms = true;
})(window.DPrior);
