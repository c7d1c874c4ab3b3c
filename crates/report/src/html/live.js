// Only in pages that a server on this machine hands out.
setInterval(async () => {
  try {
    const newest = await (await fetch("/run", { cache: "no-store" })).text();
    if (newest !== shown) location.reload();
  } catch { /* The server has ended; the page stays as it is. */ }
}, 2000);
