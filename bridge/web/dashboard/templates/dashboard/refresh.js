(function () {
  "use strict";
  var every = 2000, patience = 8000;
  var board = document.getElementById("board");
  var stale = document.getElementById("stale");
  var shown = null, goodAt = Date.now();

  function selecting() {
    var selection = window.getSelection();
    return selection && !selection.isCollapsed && board.contains(selection.anchorNode);
  }

  function tellAge() {
    var seconds = Math.round((Date.now() - goodAt) / 1000);
    stale.textContent = "statusbridge does not answer. What you see is " + seconds + " s old.";
    stale.hidden = false;
  }

  function show(text) {
    goodAt = Date.now();
    stale.hidden = true;
    if (text === shown || selecting()) return;
    shown = text;
    board.innerHTML = text;
  }

  function refresh() {
    if (document.hidden) return again();
    var abort = new AbortController();
    var timer = setTimeout(function () { abort.abort(); }, patience);
    fetch("board", {cache: "no-store", credentials: "same-origin", signal: abort.signal})
      .then(function (answer) {
        if (answer.status !== 200 && answer.status !== 503) throw new Error("unexpected answer");
        return answer.text();
      })
      .then(show, tellAge)
      .finally(function () { clearTimeout(timer); again(); });
  }

  function again() { setTimeout(refresh, every); }

  again();
})();
