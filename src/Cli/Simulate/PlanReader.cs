using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Admission.Capacity;
using Admission.Frontend.Configuration;
using Admission.Grains.Configuration;
using Admission.Simulator;
using Admission.Trace;

namespace Admission.Cli.Simulate;

/// <summary>Makes a plan of the options and of the files that they name.</summary>
internal sealed class PlanReader(OptionValues values, List<string> mistakes)
{
    private const int DefaultLimit = 16;
    private const int DefaultSample = 3;
    private const string InventedBackend = "backend";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Reads the plan.</summary>
    /// <returns>Null if there are mistakes, all of which have been told.</returns>
    public SimulatePlan? Read()
    {
        var policies = ReadPolicies();
        var seed = (ulong)values.Count(SimulateOptions.Seed, 1, 0, int.MaxValue);
        var patience = values.Duration(SimulateOptions.Patience, TimeSpan.FromMilliseconds(1), Longest);
        var plan = new SimulatePlan
        {
            Backends = [],
            Frontends = values.Count(SimulateOptions.Frontends, 3, 1, 100_000),
            Delay = values.Duration(SimulateOptions.Delay, TimeSpan.Zero, TimeSpan.FromSeconds(10)) ?? TimeSpan.FromMilliseconds(0.5),
            Seed = seed,
            Server = ReadServer(),
            Json = values.Switch(SimulateOptions.Json),
            Plot = values.File(SimulateOptions.Plot),
        };
        if (plan.Plot is { } plot && !plot.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
        {
            mistakes.Add($"--plot {plot}: only SVG is written. Give a name that ends with .svg.");
        }

        plan = values.File(SimulateOptions.Trace) is { } trace ? Recorded(plan, trace, policies, patience) : Invented(plan, policies, patience);
        return mistakes.Count == 0 ? plan : null;
    }

    private ServerModel? ReadServer()
    {
        if (values.Text(SimulateOptions.Server) is not { } text)
        {
            return null;
        }

        if (!ServerModel.TryParse(text, out var server))
        {
            mistakes.Add($"--server {text} is not understood. {ServerModel.Forms}");
        }

        return server;
    }

    private IReadOnlyDictionary<string, BackendPolicy>? ReadPolicies()
    {
        if (values.File(SimulateOptions.Policy) is { } file)
        {
            return PolicyFile.Read(file, mistakes);
        }

        if (values.Has(SimulateOptions.Trace))
        {
            mistakes.Add("--trace needs --policy: say which policy the arrivals are to meet.");
        }

        return null;
    }

    private SimulatePlan Recorded(SimulatePlan plan, string file, IReadOnlyDictionary<string, BackendPolicy>? policies, TimeSpan? patience)
    {
        mistakes.AddRange(SimulateOptions.OfInvented.Where(values.Has).Select(option => $"{option.Name} says how arrivals are invented, and --trace has recorded ones. Leave one out."));
        var arrivals = ReadTrace(file);
        if (arrivals is null || policies is null || mistakes.Count > 0)
        {
            return plan;
        }

        var inTrace = arrivals.Select(arrival => arrival.Backend).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToArray();
        if (values.Text(SimulateOptions.Backend) is { } only)
        {
            CheckKnown(only, inTrace, file);
            CheckKnown(only, policies.Keys, values.Text(SimulateOptions.Policy)!);
            inTrace = [only];
        }

        var notes = inTrace.Where(id => !policies.ContainsKey(id)).Select(id => $"The backend '{id}' has no policy: its arrivals are not replayed.").ToList();
        var backends = new List<BackendPlan>();
        foreach (var id in inTrace.Where(policies.ContainsKey))
        {
            var offered = TraceLoad.Arrivals(arrivals, id, patience, plan.Seed);
            if (offered.Count == 0)
            {
                notes.Add($"No request of the backend '{id}' was served, so that no service time is known: its arrivals are not replayed.");
            }
            else
            {
                NoteLimit(id, policies[id], plan.Server, notes);
                backends.Add(new BackendPlan(id, policies[id], offered, plan.Seed));
            }
        }

        if (backends.Count == 0 && mistakes.Count == 0)
        {
            mistakes.AddRange(notes.Count > 0 ? notes : [$"{file}: there is nothing to replay."]);
        }

        return plan with { Backends = backends, Notes = notes };
    }

    /// <summary>A backend that is never slower for being full has no limit to find.</summary>
    private static void NoteLimit(string id, BackendPolicy policy, ServerModel? server, List<string> notes)
    {
        if (policy.Adaptive is not null && server is null)
        {
            notes.Add(
                $"The limit of '{id}' finds itself, but each request takes as long as it says, however many are inside: the limit only grows, to what the arrivals need or to its Max, {policy.TotalLimit}, "
                + "and nothing shows where the backend's own limit is. Say with --server how many it serves at once: --server mmc:8 or --server ps:8.");
        }
    }

    private List<Arrival>? ReadTrace(string file)
    {
        var found = new List<string>();
        List<Arrival>? arrivals = null;
        try
        {
            using var reader = new StreamReader(file);
            arrivals = TraceReader.Read(reader, found);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            found.Add(unreadable is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : unreadable.Message);
        }

        mistakes.AddRange(found.Select(mistake => $"{file}: {mistake}"));
        return arrivals;
    }

    private SimulatePlan Invented(SimulatePlan plan, IReadOnlyDictionary<string, BackendPolicy>? policies, TimeSpan? patience)
    {
        var (id, policy) = ChoosePolicy(policies);
        var weights = values.Counts(SimulateOptions.Weights, 1, 1, BackendPolicyRules.LargestLimit);
        var service = values.Duration(SimulateOptions.Service, TimeSpan.FromTicks(10), TimeSpan.FromHours(24)) ?? TimeSpan.FromMilliseconds(100);
        var most = Math.Min(policy.TotalLimit, plan.Server?.Capacity ?? int.MaxValue) / (service.TotalSeconds * weights.Average());
        var load = new SyntheticLoad
        {
            Rate = values.Number(SimulateOptions.Rate, 1e-6, 1e7) ?? Math.Max(1e-6, 0.8 * most),
            Duration = values.Duration(SimulateOptions.Duration, TimeSpan.FromMilliseconds(1), Longest) ?? TimeSpan.FromMinutes(1),
            Service = service,
            Shape = values.Choice(SimulateOptions.Shape, ServiceShape.Exponential),
            Tenants = values.Count(SimulateOptions.Tenants, 0, 0, 100_000),
            Greed = values.Number(SimulateOptions.Greed, 0.001, 1e6) ?? 1,
            Priorities = values.Counts(SimulateOptions.Priorities, Priorities.Normal, Priorities.Critical, Priorities.Lowest),
            Weights = weights,
            Patience = patience,
        };
        int? cluster = values.Has(SimulateOptions.Backends) ? values.Count(SimulateOptions.Backends, 1, 1, 1_000_000) : null;
        if (values.Has(SimulateOptions.Sample) && cluster is null)
        {
            mistakes.Add("--sample needs --backends: say how many backends the cluster has.");
        }

        if (values.Has(SimulateOptions.Greed) && load.Tenants < 2)
        {
            mistakes.Add("--greed needs --tenants: say how many tenants there are, at least 2.");
        }

        var sample = Math.Min(cluster ?? 1, values.Count(SimulateOptions.Sample, DefaultSample, 1, 10_000));
        List<string> notes = [string.Create(CultureInfo.InvariantCulture, $"Invented arrivals: {load.Rate:0.###} a second for {load.Duration.TotalSeconds:0.###} s, {100 * load.Rate / most:0} % of what the backend can do.")];
        if (cluster > sample)
        {
            notes.Add($"Simulated, one after the other: {sample} of {cluster} backends. They share nothing, so the others differ from them by chance only.");
        }

        if (cluster is not null && typeof(CapacityLedger).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            notes.Add("This is a debug build: its ledger time is several times that of a release build (dotnet run -c Release).");
        }

        NoteLimit(id, policy, plan.Server, notes);
        return plan with
        {
            Load = load,
            ClusterBackends = cluster,
            Notes = notes,
            Backends = [.. Enumerable.Range(0, sample).Select(i => new BackendPlan(
                sample == 1 ? id : $"{id}-{i + 1}", policy, load.Arrivals(plan.Seed + (ulong)i), plan.Seed + (ulong)i))],
        };
    }

    private (string Id, BackendPolicy Policy) ChoosePolicy(IReadOnlyDictionary<string, BackendPolicy>? policies)
    {
        var limit = values.Count(SimulateOptions.Limit, DefaultLimit, 1, BackendPolicyRules.LargestLimit);
        var otherwise = (values.Text(SimulateOptions.Backend) ?? InventedBackend, new BackendPolicy { Limit = limit, Overflow = Overflow.Wait });
        if (policies is null || policies.Count == 0)
        {
            return otherwise;
        }

        if (values.Has(SimulateOptions.Limit))
        {
            mistakes.Add("--limit stands for a policy, and --policy gives one. Leave one out.");
        }

        var file = values.Text(SimulateOptions.Policy)!;
        var id = values.Text(SimulateOptions.Backend) ?? policies.Keys.First();
        if (!CheckKnown(id, policies.Keys, file))
        {
            return otherwise;
        }

        if (policies.Count > 1 && !values.Has(SimulateOptions.Backend))
        {
            mistakes.Add($"{file} has {policies.Count} backends: {string.Join(", ", policies.Keys)}. Say with --backend whose policy it is to be.");
        }

        if (policies[id].TotalLimit == 0)
        {
            mistakes.Add($"{file}: the limit of the backend '{id}' is 0, so that nothing would be served.");
            return otherwise;
        }

        return (id, policies[id]);
    }

    private bool CheckKnown(string id, IEnumerable<string> known, string file)
    {
        var names = known.ToArray();
        if (names.Contains(id, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        mistakes.Add($"--backend {id}: {file} has no such backend.{Spelling.DidYouMean(id, names)} It has {string.Join(", ", names.Take(10))}.");
        return false;
    }
}
