/* Opening a proof is one step of the browser's history, and closing it is the step back: Streamlit
   would add another one, and Back would open again what was just closed. */
function joinProofEntries() {
  const plain = History.prototype.pushState;
  if (plain.knowsProofs) { return; }
  History.prototype.pushState = function (state, title, address) {
    const here = new URL(location.href), there = new URL(address, location.href);
    const shown = here.searchParams.has("proof"), asked = there.searchParams.has("proof");
    // A link to another page is pushed in two steps (joinEntries): the first may look like closing.
    if (Object.hasOwn(this, "pushState") || shown === asked || viewOf(here) !== viewOf(there)) {
      plain.call(this, state, title, address);
    } else if (asked) {
      plain.call(this, { ...state, proofOver: viewOf(here) }, title, address);
    } else if (this.state?.proofOver === viewOf(there)) {
      stepBack(there);
    } else {
      // A pasted address: what lies behind it is no page of ours.
      this.replaceState(state, title, address);
    }
  };
  History.prototype.pushState.knowsProofs = true;
}

/* The page under a proof: where it is and what it shows, in whatever order the address says it. */
function viewOf(address) {
  const said = new URLSearchParams(address.search);
  said.delete("proof");
  said.sort();
  return `${address.pathname}?${said}`;
}

/* Go one entry back. The page is drawn already: to Streamlit this is no new address. The browser
   goes in its own time, and until then Streamlit may say the same address again. */
function stepBack(there) {
  if (history.steppingBack) { return; }
  history.steppingBack = true;
  addEventListener("popstate", (event) => {
    history.steppingBack = false;
    const here = new URL(location.href);
    if (viewOf(here) === viewOf(there) && !here.searchParams.has("proof")) { event.stopImmediatePropagation(); }
  }, { capture: true, once: true });
  history.back();
}
