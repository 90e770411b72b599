using Admission.Frontend.Configuration;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Hosting;

/// <summary>
/// The command line: our few options become configuration keys; what ASP.NET understands (<c>--urls</c>, <c>--Section:Key value</c>) passes through.
/// </summary>
internal sealed class CommandLine
{
    /// <summary>The route and the cluster behind <c>--to</c>.</summary>
    public const string ClusterId = "backend";

    private const string Backend = $"Admission:Backends:{ClusterId}:";

    private static readonly Option[] Options =
    [
        new("--to", "", "URL", "Your server, such as http://127.0.0.1:8000. Several times for several destinations."),
        new("--limit", $"{Backend}Limit", "N", "Requests that the backend can serve at once, over all destinations."),
        new("--destination-limit", $"{Backend}DestinationLimit", "N", "Requests that each destination can serve at once."),
        new("--queue", $"{Backend}Queue:Capacity", "N", "Requests that may wait when the limit is reached. Default 0: they are refused."),
        new("--max-wait", $"{Backend}Queue:MaxWait", "TIME", "How long a request may wait, such as 500ms, 2s, 1m. Default 10s."),
        new("--run-timeout", $"{Backend}RunTimeout", "TIME", "How long a request may run in the backend. Default 60s."),
        new("--data", "Admission:DataFolder", "FOLDER", "Where the state is kept. Default ./admission-data."),
        new("--urls", "urls", "URLS", "Where to listen. Default http://127.0.0.1:8080."),
    ];

    // What ASP.NET's host reads from its command line, beside keys with a colon.
    private static readonly string[] HostOptions =
        ["environment", "contentRoot", "applicationName", "http_ports", "https_ports", "shutdownTimeoutSeconds", "AllowedHosts", "detailedErrors"];

    private readonly List<string> _errors = [];
    private readonly List<string> _passed = [];
    private readonly List<string> _destinations = [];
    private readonly Dictionary<string, string?> _settings = new(StringComparer.OrdinalIgnoreCase);

    private CommandLine()
    {
    }

    public bool WantsHelp { get; private set; }

    /// <summary>Whether <c>--to</c> was given.</summary>
    public bool HasBackend => _destinations.Count > 0;

    /// <summary>What is wrong, each naming its option.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>For ASP.NET.</summary>
    public string[] Passed => [.. _passed];

    /// <summary>Our options as configuration.</summary>
    public IReadOnlyDictionary<string, string?> Settings => _settings;

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help =>
        $"""
        Admission keeps a backend's limit: never more requests at once than it can serve, the others wait in line or are refused at once.

          dotnet run --project src/Frontend                                   try it with a built-in sample backend
          dotnet run --project src/Frontend -- --to URL --limit N [options]   put it in front of your server
          dotnet run --project src/Frontend                                   with ReverseProxy and Admission in ./appsettings.json

        Options:
        {string.Join(Environment.NewLine, Options.Select(option => $"  {$"{option.Name} {option.Value}",-24}{option.Text}"))}
          {"--help",-24}This text.

        Every setting can be given as --Section:Key VALUE too. docs/configuration.md has them all.
        """;

    /// <summary>Reads the arguments.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            line.Take(arguments, ref i);
        }

        line.Complete();
        return line;
    }

    /// <summary>Names the option beside the path that it stands for, for people who have never seen a file.</summary>
    public string Explain(string error)
    {
        var option = Options.Where(option => option.Key.Length > 0 && _settings.ContainsKey(option.Key))
            .FirstOrDefault(option => error.StartsWith($"{option.Key}:", StringComparison.OrdinalIgnoreCase));
        return option is null ? error : $"{option.Name}{error[option.Key.Length..]}";
    }

    private void Take(IReadOnlyList<string> arguments, ref int i)
    {
        var argument = arguments[i];
        if (argument is "--help" or "-h" or "-?")
        {
            WantsHelp = true;
            return;
        }

        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument : argument[..equals];
        if (!name.StartsWith("--", StringComparison.Ordinal))
        {
            _errors.Add($"'{argument}' is not an option. See --help.");
            return;
        }

        var option = Options.FirstOrDefault(option => string.Equals(option.Name, name, StringComparison.OrdinalIgnoreCase));
        var key = name[2..];
        if (option is null && !key.Contains(':', StringComparison.Ordinal) && !HostOptions.Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            var known = Options.Select(known => known.Name).Concat(HostOptions.Select(host => $"--{host}"));
            _errors.Add($"There is no option {name}.{Spelling.DidYouMean(name, known)} See --help.");
            SkipValue(arguments, equals, ref i);
            return;
        }

        if (Value(arguments, equals, ref i) is not { } value)
        {
            _errors.Add($"{name} needs a value. See --help.");
            return;
        }

        Keep(option, key, value);
    }

    private void Keep(Option? option, string key, string value)
    {
        if (option is null or { Key: "urls" })
        {
            _passed.AddRange([$"--{key}", value]);
        }
        else if (option.Key.Length == 0)
        {
            _destinations.Add(value);
        }
        else if (!_settings.TryAdd(option.Key, value))
        {
            _errors.Add($"{option.Name} is given twice. Give it once.");
        }
    }

    private void Complete()
    {
        var policy = Options.Where(option => _settings.ContainsKey(option.Key) && option.Key.StartsWith(Backend, StringComparison.Ordinal)).ToArray();
        if (!HasBackend)
        {
            _errors.AddRange(policy.Select(option => $"{option.Name} needs --to: say which server it is for, such as --to http://127.0.0.1:8000."));
            return;
        }

        if (!_settings.ContainsKey($"{Backend}Limit") && !_settings.ContainsKey($"{Backend}DestinationLimit"))
        {
            _errors.Add("--to needs --limit: say how many requests the server can serve at once, such as --limit 8.");
        }

        for (var i = 0; i < _destinations.Count; i++)
        {
            if (!Uri.TryCreate(_destinations[i], UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            {
                _errors.Add($"--to '{_destinations[i]}' is not an address. Give one such as http://127.0.0.1:8000.");
            }

            _settings[$"ReverseProxy:Clusters:{ClusterId}:Destinations:{i + 1}:Address"] = _destinations[i];
        }

        _settings["ReverseProxy:Routes:all:ClusterId"] = ClusterId;
        _settings["ReverseProxy:Routes:all:Match:Path"] = "{**any}";
        CompleteQueue();
    }

    // A queue says that requests wait; none says that they are refused.
    private void CompleteQueue()
    {
        var capacity = _settings.GetValueOrDefault($"{Backend}Queue:Capacity") ?? "0";
        if (string.Equals(capacity.Trim(), "0", StringComparison.Ordinal))
        {
            if (_settings.ContainsKey($"{Backend}Queue:MaxWait"))
            {
                _errors.Add("--max-wait needs --queue: say how many requests may wait, such as --queue 100.");
            }

            _settings.Remove($"{Backend}Queue:Capacity");
            _settings[$"{Backend}Overflow"] = "Refuse";
            return;
        }

        _settings[$"{Backend}Overflow"] = "Wait";
    }

    private static string? Value(IReadOnlyList<string> arguments, int equals, ref int i)
    {
        if (equals >= 0)
        {
            return arguments[i][(equals + 1)..];
        }

        return i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal) ? arguments[++i] : null;
    }

    private static void SkipValue(IReadOnlyList<string> arguments, int equals, ref int i) => _ = Value(arguments, equals, ref i);

    private sealed record Option(string Name, string Key, string Value, string Text);
}
