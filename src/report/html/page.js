
(() => {
  'use strict';
  const form = document.getElementById('filters');
  if (!form) return;

  const findings = Array.from(document.querySelectorAll('.finding'));
  const groups = Array.from(document.querySelectorAll('.group'), (group) => ({
    group,
    count: group.querySelector('.count'),
    own: Array.from(group.querySelectorAll('.finding')),
  }));
  const { words } = form.elements;
  const selects = Array.from(form.querySelectorAll('select'));
  const severities = Array.from(form.querySelectorAll('input[name="severity"]'));
  const status = form.querySelector('output');
  const nothing = document.getElementById('nothing');
  const number = new Intl.NumberFormat('en-US');
  let texts;

  // The text of each finding is only needed once somebody types.
  const textOf = (index) => {
    texts ??= findings.map((finding) => finding.textContent.toLowerCase().replace(/\s+/g, ' '));
    return texts[index];
  };

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    const shown = new Set(severities.filter((box) => box.checked).map((box) => box.value));
    for (const select of selects) select.classList.toggle('used', select.value !== '');
    let count = 0;
    findings.forEach((finding, index) => {
      const { dataset } = finding;
      const fits =
        (severities.length === 0 || shown.has(dataset.severity)) &&
        selects.every(({ name, value }) => value === '' || dataset[name] === value) &&
        wanted.every((word) => textOf(index).includes(word));
      finding.hidden = !fits;
      if (fits) count += 1;
    });
    for (const { group, own, count: label } of groups) {
      const left = own.filter((finding) => !finding.hidden).length;
      group.hidden = left === 0;
      label.textContent =
        left === own.length ? number.format(left) : `${number.format(left)} of ${number.format(own.length)}`;
    }
    nothing.hidden = count > 0;
    const all = number.format(findings.length);
    const noun = findings.length === 1 ? 'finding' : 'findings';
    status.textContent =
      count === findings.length ? `${all} ${noun}` : `${number.format(count)} of ${all} ${noun}`;
  };

  let frame = 0;
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(filter);
  };
  const openAll = (open) => {
    for (const finding of findings) if (!finding.hidden) finding.open = open;
  };
  // A link to a finding shows it, whatever is filtered or folded.
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target || !target.classList.contains('finding')) return;
    if (target.hidden) {
      form.reset();
      filter();
    }
    target.open = true;
    target.scrollIntoView();
  };

  form.addEventListener('input', soon);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  document.getElementById('unfold').addEventListener('click', () => openAll(true));
  document.getElementById('fold').addEventListener('click', () => openAll(false));
  document.addEventListener('keydown', (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      words.focus();
    } else if (event.key === 'Escape' && event.target === words) {
      words.value = '';
      filter();
    }
  });
  window.addEventListener('hashchange', follow);
  window.addEventListener('beforeprint', () => {
    for (const finding of findings) {
      finding.dataset.open = finding.open ? 'yes' : '';
      finding.open = true;
    }
  });
  window.addEventListener('afterprint', () => {
    for (const finding of findings) finding.open = finding.dataset.open === 'yes';
  });

  form.hidden = false;
  filter();
  follow();
})();
