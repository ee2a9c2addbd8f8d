const ticket = document.querySelector('[data-status-url]')
const countdown = ticket.querySelector('[data-countdown]')
const expiresAt = Date.parse(ticket.dataset.expiresAt)

const timer = setInterval(async () => {
  const left = Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000))
  countdown.textContent = String(left)
  if (left > 0) return
  try {
    const response = await fetch(ticket.dataset.statusUrl)
    if (!response.ok || (await response.json()).status === 'reserved') return
    clearInterval(timer)
    location.reload()
  } catch {
    // Asked again in a second.
  }
}, 1000)
