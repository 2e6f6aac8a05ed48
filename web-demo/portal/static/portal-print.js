/** Prints the receipt; the style sheet leaves only the paper. */

document.getElementById("print").addEventListener("click", () => window.print());
