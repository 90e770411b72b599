using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Admission.Security.Login;

/// <summary>The page on which a key is entered. It has no scripts.</summary>
internal static class LoginPage
{
    private const string Style =
        ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh}"
        + "main{width:min(24rem,calc(100vw - 2rem))}h1{font-size:1.25rem}label,input,button{display:block;width:100%;box-sizing:border-box}"
        + "input,button{font:inherit;padding:.5rem;margin:.25rem 0 1rem}[role=alert]{border-left:.25rem solid;padding-left:.75rem;font-weight:600}code{overflow-wrap:anywhere}";

    /// <summary>What the page may do: show its own style, and send its form here.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>The page with the form.</summary>
    /// <param name="action">Where the form is sent.</param>
    /// <param name="returnTo">Where to go then.</param>
    /// <param name="field">The name of the field with the form's token.</param>
    /// <param name="token">The form's token.</param>
    /// <param name="problem">What was wrong with the key before; null for nothing.</param>
    public static string Form(string action, string returnTo, string field, string token, string? problem) => Page("Log in",
        $"""
        {(problem is null ? "" : $"<p role=\"alert\" id=\"problem\">{Encode(problem)}</p>")}
        <form method="post" action="{Encode(action)}">
        <input type="hidden" name="{Encode(field)}" value="{Encode(token)}">
        <input type="hidden" name="returnUrl" value="{Encode(returnTo)}">
        <label for="key">Key</label>
        <input id="key" name="key" type="password" autocomplete="current-password" required autofocus maxlength="200"{(problem is null ? "" : " aria-describedby=\"problem\" aria-invalid=\"true\"")}>
        <button type="submit">Log in</button>
        </form>
        <p>A key begins with <code>adm_</code>. Whoever runs this cluster makes them with <code>admission key new</code>.</p>
        """);

    /// <summary>A page that only says something.</summary>
    public static string Text(string title, string text, string? link = null) =>
        Page(title, $"<p>{Encode(text)}</p>{(link is null ? "" : $"<p><a href=\"{Encode(link)}\">{Encode(link)}</a></p>")}");

    private static string Page(string title, string body) =>
        $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encode(title)} - Admission</title><style>{Style}</style></head>
        <body><main><h1>Admission: {Encode(title)}</h1>
        {body}
        </main></body></html>

        """;

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
