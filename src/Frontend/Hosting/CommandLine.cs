using System.Globalization;
using Admission.Capacity;
using Admission.Grains.Cluster;
using Admission.Grains.Hosting;

namespace Admission.Frontend.Hosting;

/// <summary>The gateway's command line. <c>--to</c> with its options stands for a whole configuration.</summary>
internal sealed class CommandLine
{
    /// <summary>The route and the cluster behind <c>--to</c>.</summary>
    public const string ClusterId = "backend";

    private const string Backend = $"Admission:Backends:{ClusterId}:";

    private static readonly CommandOption[] Options =
    [
        new("--to", "", "URL", "Your server, such as http://127.0.0.1:8000. Several times for several destinations."),
        new("--limit", $"{Backend}Limit", "N", "Requests that the backend can serve at once, over all destinations."),
        new("--destination-limit", $"{Backend}DestinationLimit", "N", "Requests that each destination can serve at once."),
        new("--profile", $"{Backend}Profile", "SERVER", "What each destination is, such as gunicorn,workers=4,threads=2: the limit follows."),
        new("--queue", $"{Backend}Queue:Capacity", "N", "Requests that may wait when the limit is reached. Default 0: they are refused."),
        new("--max-wait", $"{Backend}Queue:MaxWait", "TIME", "How long a request may wait, such as 500ms, 2s, 1m. Default 10s."),
        new("--run-timeout", $"{Backend}RunTimeout", "TIME", "How long a request may run in the backend. Default 60s."),
        new("--cluster", ClusterSettingsReader.ConnectionStringKey, "DATABASE", "Join the silos of this PostgreSQL database. Default: a silo in this process."),
        new("--data", "Admission:DataFolder", "FOLDER", "Where the state is kept. Default ./admission-data."),
        new("--urls", CommandOption.UrlsKey, "URLS", "Where to listen. Default http://127.0.0.1:8080."),
    ];

    private readonly CommandArguments _arguments;

    private CommandLine(CommandArguments arguments) => _arguments = arguments;

    public bool WantsHelp => _arguments.WantsHelp;

    /// <summary>Whether <c>--to</c> was given.</summary>
    public bool HasBackend => _arguments.Repeated.Count > 0;

    /// <summary>What is wrong, each naming its option.</summary>
    public IReadOnlyList<string> Errors => _arguments.Errors;

    /// <summary>For ASP.NET.</summary>
    public string[] Passed => _arguments.Passed;

    /// <summary>Our options as configuration.</summary>
    public IReadOnlyDictionary<string, string?> Settings => _arguments.Settings;

    /// <summary>What our options imply, where nothing else says otherwise.</summary>
    public Dictionary<string, string?> Implied { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help =>
        $"""
        Admission keeps a backend's limit: never more requests at once than it can serve, the others wait in line or are refused at once.

          dotnet run --project src/Frontend                                   try it with a built-in sample backend
          dotnet run --project src/Frontend -- --to URL --limit N [options]   put it in front of your server
          dotnet run --project src/Frontend                                   with ReverseProxy and Admission in ./appsettings.json

        Options:
        {CommandArguments.Describe(Options)}

        Every setting can be given as --Section:Key VALUE too. docs/configuration.md has them all.
        """;

    /// <summary>Reads the arguments.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine(CommandArguments.Parse(arguments, Options));
        line.Complete();
        return line;
    }

    /// <inheritdoc cref="CommandArguments.Explain"/>
    public string Explain(string error) => _arguments.Explain(error);

    private void Complete()
    {
        var (settings, errors) = (_arguments.Settings, _arguments.Errors);
        var policy = Options.Where(option => settings.ContainsKey(option.Key) && option.Key.StartsWith(Backend, StringComparison.Ordinal)).ToArray();
        if (!HasBackend)
        {
            errors.AddRange(policy.Select(option => $"{option.Name} needs --to: say which server it is for, such as --to http://127.0.0.1:8000."));
            return;
        }

        string[] limits = [$"{Backend}Limit", $"{Backend}DestinationLimit", $"{Backend}Profile"];
        if (!limits.Any(settings.ContainsKey))
        {
            errors.Add("--to needs --limit: say how many requests the server can serve at once, such as --limit 8.");
        }

        for (var i = 0; i < _arguments.Repeated.Count; i++)
        {
            var destination = _arguments.Repeated[i];
            if (!Uri.TryCreate(destination, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            {
                errors.Add($"--to '{destination}' is not an address. Give one such as http://127.0.0.1:8000.");
            }

            settings[$"ReverseProxy:Clusters:{ClusterId}:Destinations:{i + 1}:Address"] = destination;
        }

        settings["ReverseProxy:Routes:all:ClusterId"] = ClusterId;
        settings["ReverseProxy:Routes:all:Match:Path"] = "{**any}";
        CompleteQueue(settings, errors);
    }

    // A queue says that requests wait; none says that they are refused. Whoever gives Overflow himself means that.
    private void CompleteQueue(Dictionary<string, string?> settings, List<string> errors)
    {
        const string Capacity = $"{Backend}Queue:Capacity";
        var given = settings.GetValueOrDefault(Capacity)?.Trim();
        if (int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is < 0 or > BackendPolicyRules.LargestQueue)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"--queue: {number} is not possible. Give a whole number from 0 (nobody waits) to {BackendPolicyRules.LargestQueue}."));
            return;
        }

        const string Overflow = $"{Backend}Overflow";
        if (given is not (null or "0"))
        {
            Implied[Overflow] = "Wait";
            return;
        }

        Implied[Overflow] = "Refuse";
        if (!Passed.Contains("--" + Overflow, StringComparer.OrdinalIgnoreCase))
        {
            settings.Remove(Capacity);
            if (settings.ContainsKey($"{Backend}Queue:MaxWait"))
            {
                errors.Add("--max-wait needs --queue: say how many requests may wait, such as --queue 100.");
            }
        }
    }
}
