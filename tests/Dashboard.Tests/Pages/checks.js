// What is wrong with a page for those who cannot see it, or not well; a list of sentences. The rules are WCAG 2.2's: 1.1.1, 1.3.1, 1.4.3, 1.4.11 (controls), 2.4.2, 2.4.6, 3.1.1, 4.1.1, 4.1.2.
() => {
  const wrong = [];
  const say = (element, what) => wrong.push(`${what}: ${element.outerHTML.slice(0, 140)}`);
  const isSeen = element => {
    for (let each = element; each instanceof Element; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.display === 'none' || style.visibility === 'hidden' || (style.clipPath !== 'none' && style.position === 'absolute')) {
        return false;
      }
    }

    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const isHidden = element => element.closest('[aria-hidden=true]') !== null;
  const nameOf = element => {
    const by = element.getAttribute('aria-labelledby');
    const named = by ? by.split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ') : '';
    const label = element.labels?.length ? [...element.labels].map(each => each.textContent).join(' ') : '';
    return (named || element.getAttribute('aria-label') || label || element.textContent || element.getAttribute('title') || '').trim();
  };

  // Colours, by canvas: the browser knows every way to write one.
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = color => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((part, index) => part * top[3] + below[index] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => {
    const linear = part => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const groundOf = element => {
    const layers = [];
    for (let each = element; each instanceof Element; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] > 0) {
        layers.unshift(color);
        if (color[3] === 1) {
          break;
        }
      }
    }

    return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };

  // 1.4.3: text.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !element || !isSeen(element) || element.closest('script, style, option, :disabled, [aria-busy=true] .old')) {
      continue;
    }

    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const ground = groundOf(element);
    const color = over(rgba(isSvg ? style.fill : style.color), ground);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700) ? 3 : 4.5;
    checked++;
    const found = contrast(color, ground);
    if (found < needed) {
      say(element, `contrast ${found.toFixed(2)} of ${needed}`);
    }
  }

  if (checked < 5) {
    wrong.push(`only ${checked} texts were looked at`);
  }

  // 1.4.11: the edges of what can be filled in, and pictures that mean something.
  document.querySelectorAll('input[type=text], input[type=search], input[type=number], select').forEach(element => {
    if (isSeen(element) && !element.disabled && contrast(over(rgba(getComputedStyle(element).borderTopColor), groundOf(element.parentElement)), groundOf(element.parentElement)) < 3) {
      say(element, 'faint edge');
    }
  });
  document.querySelectorAll('.condition .mark, .bar-fill').forEach(element => {
    const style = getComputedStyle(element);
    const ground = groundOf(element.parentElement);
    if (isSeen(element) && contrast(over(rgba(element.matches('.mark') ? style.color : style.backgroundColor), ground), ground) < 3) {
      say(element, 'faint picture');
    }
  });

  // 4.1.2, 1.3.1: names.
  document.querySelectorAll('a[href], button, input, select, summary, dialog[open], [role=dialog], [role=alertdialog], [role=img], [role=table], nav, section[aria-labelledby]').forEach(element => {
    if (!isHidden(element) && (isSeen(element) || element.matches('input')) && !nameOf(element)) {
      say(element, 'no name');
    }
  });
  document.querySelectorAll('svg').forEach(element => {
    if (isSeen(element) && !isHidden(element) && element.getAttribute('role') !== 'img' && !element.closest('[role=img]')) {
      say(element, 'a picture that is neither named nor hidden');
    }
  });
  document.querySelectorAll('[aria-hidden=true] a, [aria-hidden=true] button, [aria-hidden=true] input').forEach(element => say(element, 'can be reached, but is hidden'));
  document.querySelectorAll('[tabindex]').forEach(element => { if (element.tabIndex > 0) { say(element, 'a tab order of its own'); } });
  document.querySelectorAll('table').forEach(element => {
    if (!element.querySelector('th[scope=col]')) {
      say(element, 'a table without heads');
    }
  });
  document.querySelectorAll('[aria-labelledby], [aria-describedby]').forEach(element => {
    for (const attribute of ['aria-labelledby', 'aria-describedby']) {
      (element.getAttribute(attribute) ?? '').split(' ').filter(id => id).forEach(id => { if (!document.getElementById(id)) { say(element, `${attribute} leads nowhere`); } });
    }
  });

  // 4.1.1, 2.4.2, 3.1.1, 2.4.6: the document.
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  ids.filter((id, index) => ids.indexOf(id) !== index).forEach(id => wrong.push(`two elements have the id ${id}`));
  if (!document.title || !document.documentElement.lang) {
    wrong.push('no title or no language');
  }

  const heads = [...document.querySelectorAll('h1, h2, h3')].filter(isSeen).filter(element => !element.closest('dialog, [role=alertdialog]'));
  if (heads.filter(element => element.matches('h1')).length !== 1) {
    wrong.push('not one h1');
  }

  heads.forEach((element, index) => {
    const level = Number(element.tagName[1]);
    if (index > 0 && level > Number(heads[index - 1].tagName[1]) + 1) {
      say(element, 'a level of headings is left out');
    }
  });
  if (document.querySelectorAll('main').length !== 1 || !document.querySelector('header') || !document.querySelector('nav')) {
    wrong.push('no landmarks');
  }

  return [...new Set(wrong)];
}
