using Admission.Capacity;
using Admission.Frontend.Discovery;
using Admission.Frontend.Profiles;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>
/// Reads a backend's limits: <c>Limit</c> (a number for all, or one for each destination by its name), <c>DestinationLimit</c> (the same for each
/// destination of the cluster) and <c>Destinations:{id}:Limit</c> (for one, before the other two); or <c>Limit:Adaptive</c>, a limit that finds itself, beside those of destinations.
/// Where nothing is given, each destination has the profile's.
/// </summary>
internal sealed class LimitReader(SectionReader reader, ClusterConfig? cluster, ServerProfile? profile = null)
{
    /// <summary>A limit did not parse, so that a complaint about missing limits would be wrong.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether a limit is given, and there is no destination at present, as where they come from DNS: then nothing fits.</summary>
    public bool HasNoneAtPresent => cluster?.Destinations is { Count: 0 } && (reader.Has("DestinationLimit") || reader.Has("Limit") || profile is not null);

    /// <summary>The limit over all destinations.</summary>
    public int? ReadTotal()
    {
        var total = reader.Children("Limit").Any() ? ReadMax() : Count(reader, "Limit");
        return HasNoneAtPresent ? 0 : total;
    }

    /// <summary>How the limit finds itself: <c>Limit:Adaptive</c>; null where it does not.</summary>
    /// <param name="policy">The policy, with the limits that were read before.</param>
    public AdaptiveLimit? ReadAdaptive(BackendPolicy policy)
    {
        if (Adaptive is not { } adaptive)
        {
            return null;
        }

        var defaults = new AdaptiveLimit();
        var limit = new AdaptiveLimit
        {
            Algorithm = adaptive.Choice(
                "Algorithm", ("Gradient2", LimitAlgorithm.Gradient2), ("Aimd", LimitAlgorithm.Aimd), ("Vegas", LimitAlgorithm.Vegas)) ?? defaults.Algorithm,
            Min = adaptive.Count("Min") ?? defaults.Min,
            Initial = adaptive.Count("Initial"),
        };
        adaptive.RefuseTheRest("Max");
        if (policy is { Limit: null, Destinations.Length: 0 } && !Failed)
        {
            adaptive.Error("Max", "missing. Give the number of requests that the backend may ever be given at once, or a limit for each destination.");
            Failed = true;
        }

        return HasNoneAtPresent ? null : limit;
    }

    /// <summary>The limit of each destination; empty when none is given.</summary>
    public DestinationLimit[] ReadDestinations()
    {
        var limits = new Dictionary<string, int?>(StringComparer.OrdinalIgnoreCase);
        var shorthand = reader.Child("Limit");
        foreach (var (name, _) in reader.Children("Limit"))
        {
            if (IsAdaptive(name))
            {
                continue;
            }

            limits[name] = CountOfOne(shorthand, name);
            CheckKnown(shorthand, name);
        }

        foreach (var (name, destination) in reader.Children("Destinations"))
        {
            if (limits.ContainsKey(name))
            {
                destination.Error("", $"the destination's limit is also given as {reader.Path}:Limit:{name}. Keep one.");
            }

            limits[name] = CountOfOne(destination, "Limit");
            if (limits[name] is null && !destination.Has("Limit"))
            {
                destination.Error("Limit", "missing. Give the number of requests that this destination can serve at once.");
                Failed = true;
            }

            CheckKnown(destination, "");
            destination.RefuseTheRest();
        }

        AddTheOthers(limits);
        return [.. limits.Where(limit => limit.Value is not null).Select(limit => new DestinationLimit(limit.Key, limit.Value!.Value))];
    }

    private SectionReader? Adaptive
    {
        get
        {
            foreach (var (name, child) in reader.Children("Limit"))
            {
                if (IsAdaptive(name))
                {
                    return child;
                }
            }

            return null;
        }
    }

    /// <summary>A section of that name; with a number it is a destination.</summary>
    private bool IsAdaptive(string name) =>
        string.Equals(name, "Adaptive", StringComparison.OrdinalIgnoreCase) && reader.Child("Limit").Children(name).Any();

    private int? ReadMax() => Adaptive is { } adaptive ? Count(adaptive, "Max") : null;

    private void AddTheOthers(Dictionary<string, int?> limits)
    {
        var each = CountOfOne(reader, "DestinationLimit");
        if (profile is { IsShared: false } && (limits.Count > 0 || cluster?.Destinations?.Count > 1))
        {
            each ??= profile.Limit;
        }

        if (each is null && limits.Count == 0)
        {
            return;
        }

        foreach (var destination in cluster?.Destinations?.Keys ?? [])
        {
            if (limits.ContainsKey(destination))
            {
                continue;
            }

            limits[destination] = each;
            if (each is null && !Failed)
            {
                reader.Error(
                    $"Destinations:{destination}:Limit",
                    "missing, while other destinations have one: this one would get no requests. Give it a limit (0 drains it), or DestinationLimit for each that is not named.");
            }
        }
    }

    private void CheckKnown(SectionReader place, string name)
    {
        var destination = name.Length > 0 ? name : place.Path[(place.Path.LastIndexOf(':') + 1)..];
        if (cluster is not null && cluster.Destinations?.ContainsKey(destination) != true)
        {
            var known = cluster.Destinations?.Keys ?? [];
            place.Error(name, $"the cluster '{cluster.ClusterId}' has no destination '{destination}'.{Spelling.DidYouMean(destination, known)}");
        }
        else if (cluster?.Destinations?.GetValueOrDefault(destination) is { } found && Resolving.IsWanted(found))
        {
            place.Error(name, $"each address of '{destination}' is a destination of its own, so this one has no limit. Give DestinationLimit, the limit of each.");
        }
    }

    private int? CountOfOne(SectionReader from, string key)
    {
        var count = Count(from, key);
        if (profile is { IsShared: false } && count >= profile.Limit)
        {
            from.Error(key, ProfileLimits.NotLower(count.Value, profile.Limit, profile.Explanation));
        }

        return count;
    }

    private int? Count(SectionReader from, string key)
    {
        var count = from.Count(key);
        Failed |= count is null && from.Has(key);
        return count;
    }
}
