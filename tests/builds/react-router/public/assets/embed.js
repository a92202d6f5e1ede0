(function () {
  var script = document.currentScript
  var key = script.getAttribute('data-key') || '@K:public-embed-script@'
  fetch('https://reports.example.invalid/embed', { headers: { 'x-api-key': key } })
})()
