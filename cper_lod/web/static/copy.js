// Beside each command line, a button that copies it: for those with JavaScript; without it the text can be selected.
if (navigator.clipboard) {
  for (const line of document.querySelectorAll("pre[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = line.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(line.textContent);
      button.textContent = line.dataset.copied;
      setTimeout(() => { button.textContent = line.dataset.copy; }, 2000);
    });
    line.after(button);
  }
}
