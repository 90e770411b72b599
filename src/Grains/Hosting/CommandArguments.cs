using Admission.Grains.Configuration;

namespace Admission.Grains.Hosting;

/// <summary>
/// A host's arguments: its few options become configuration keys; what ASP.NET understands (<c>--urls</c>, <c>--Section:Key value</c>) passes through.
/// </summary>
internal sealed class CommandArguments
{
    // What ASP.NET's host reads from its command line, beside keys with a colon.
    private static readonly string[] HostOptions =
        ["environment", "contentRoot", "applicationName", "http_ports", "https_ports", "shutdownTimeoutSeconds", "AllowedHosts", "detailedErrors"];

    private readonly IReadOnlyList<CommandOption> _options;
    private readonly List<string> _passed = [];
    private readonly List<string> _repeated = [];

    private CommandArguments(IReadOnlyList<CommandOption> options) => _options = options;

    public bool WantsHelp { get; private set; }

    /// <summary>What is wrong, each naming its option. The host may add what it finds.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>The options as configuration. The host may add what they imply.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>For ASP.NET.</summary>
    public string[] Passed => [.. _passed];

    /// <summary>The values of the option that may be given several times.</summary>
    public IReadOnlyList<string> Repeated => _repeated;

    /// <summary>Reads the arguments.</summary>
    public static CommandArguments Parse(IReadOnlyList<string> arguments, IReadOnlyList<CommandOption> options)
    {
        var read = new CommandArguments(options);
        for (var i = 0; i < arguments.Count; i++)
        {
            read.Take(arguments, ref i);
        }

        return read;
    }

    /// <summary>The options for <c>--help</c>, a line each.</summary>
    public static string Describe(IEnumerable<CommandOption> options) =>
        string.Join(Environment.NewLine, [.. options.Select(option => $"  {$"{option.Name} {option.Value}",-24}{option.Text}"), $"  {"--help",-24}This text."]);

    /// <summary>Names the option beside the path that it stands for, for people who have never seen a file.</summary>
    public string Explain(string error)
    {
        var option = _options.Where(option => option.Key.Length > 0 && Settings.ContainsKey(option.Key))
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
            Errors.Add($"'{argument}' is not an option. See --help.");
            return;
        }

        var option = _options.FirstOrDefault(option => string.Equals(option.Name, name, StringComparison.OrdinalIgnoreCase));
        var key = name[2..];
        if (option is null && !key.Contains(':', StringComparison.Ordinal) && !HostOptions.Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            var known = _options.Select(known => known.Name).Concat(HostOptions.Select(host => $"--{host}"));
            Errors.Add($"There is no option {name}.{Spelling.DidYouMean(name, known)} See --help.");
            _ = Value(arguments, equals, ref i);
            return;
        }

        if (Value(arguments, equals, ref i) is not { } value)
        {
            Errors.Add($"{name} needs a value. See --help.");
            return;
        }

        Keep(option, key, value);
    }

    private void Keep(CommandOption? option, string key, string value)
    {
        if (option is null or { Key: CommandOption.UrlsKey })
        {
            _passed.AddRange([$"--{key}", value]);
        }
        else if (option.Key.Length == 0)
        {
            _repeated.Add(value);
        }
        else if (!Settings.TryAdd(option.Key, value))
        {
            Errors.Add($"{option.Name} is given twice. Give it once.");
        }
    }

    private static string? Value(IReadOnlyList<string> arguments, int equals, ref int i)
    {
        if (equals >= 0)
        {
            return arguments[i][(equals + 1)..];
        }

        return i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal) ? arguments[++i] : null;
    }
}
