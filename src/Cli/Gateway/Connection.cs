using Admission.Cli.Output;

namespace Admission.Cli.Gateway;

/// <summary>Which gateway is asked, and how.</summary>
/// <param name="Url">Its address, with a slash at the end.</param>
/// <param name="Key">The API key, or null.</param>
/// <param name="Timeout">How long one answer may take.</param>
internal sealed record Connection(Uri Url, string? Key, TimeSpan Timeout)
{
    private const int LongestKey = 16 << 10;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    /// <summary>Reads the options and the environment.</summary>
    /// <param name="values">The options.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="mistakes">Takes the mistakes.</param>
    public static Connection Read(OptionValues values, Func<string, string?> variable, List<string> mistakes) =>
        new(ReadUrl(values, variable, mistakes), ReadKey(values, variable, mistakes), values.Duration(GatewayOptions.Timeout, Shortest, Longest) ?? Usual);

    private static Uri ReadUrl(OptionValues values, Func<string, string?> variable, List<string> mistakes)
    {
        var (source, text) = values.Text(GatewayOptions.Url) is { } given ? (GatewayOptions.Url.Name, given)
            : variable(GatewayOptions.UrlVariable) is { Length: > 0 } known ? (GatewayOptions.UrlVariable, known)
            : (GatewayOptions.Url.Name, GatewayOptions.DefaultUrl);
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url is { UserInfo: "", Query: "", Fragment: "" })
        {
            return url.AbsolutePath.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
        }

        mistakes.Add($"{source} {Plain.Text(text)} is not the address of a gateway. Give one such as {GatewayOptions.DefaultUrl}, without user, query or fragment.");
        return new Uri(GatewayOptions.DefaultUrl);
    }

    private static string? ReadKey(OptionValues values, Func<string, string?> variable, List<string> mistakes)
    {
        if (values.File(GatewayOptions.KeyFile) is not { } file)
        {
            return variable(GatewayOptions.KeyVariable)?.Trim() is { Length: > 0 } key ? Checked(key, GatewayOptions.KeyVariable, mistakes) : null;
        }

        var source = $"{GatewayOptions.KeyFile.Name} {file}";
        try
        {
            using var reader = new StreamReader(file);
            var text = new char[LongestKey];
            var line = text.AsSpan(0, reader.ReadBlock(text)).Trim();
            var end = line.IndexOfAny('\r', '\n');
            return Checked((end < 0 ? line : line[..end]).TrimEnd().ToString(), source, mistakes);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{source}: {(unreadable is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : unreadable.Message)}");
            return null;
        }
    }

    // The key itself is in no message.
    private static string? Checked(string key, string source, List<string> mistakes)
    {
        if (key.Length is 0 or >= LongestKey || key.Any(letter => letter is <= ' ' or > '~'))
        {
            mistakes.Add($"{source} has no key: one is a line of letters, digits and signs without spaces.");
            return null;
        }

        return key;
    }
}
