using Admission.Capacity;
using Admission.Frontend.Profiles;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>
/// Reads a backend's limits: <c>Limit</c> (a number for all, or one for each destination by its name), <c>DestinationLimit</c> (the same for each
/// destination of the cluster) and <c>Destinations:{id}:Limit</c> (for one, before the other two). Where nothing is given, each destination has the profile's.
/// </summary>
internal sealed class LimitReader(SectionReader reader, ClusterConfig? cluster, ServerProfile? profile = null)
{
    /// <summary>A limit did not parse, so that a complaint about missing limits would be wrong.</summary>
    public bool Failed { get; private set; }

    /// <summary>The limit over all destinations.</summary>
    public int? ReadTotal() => reader.Children("Limit").Any() ? null : Count(reader, "Limit");

    /// <summary>The limit of each destination; empty when none is given.</summary>
    public DestinationLimit[] ReadDestinations()
    {
        var limits = new Dictionary<string, int?>(StringComparer.OrdinalIgnoreCase);
        var shorthand = reader.Child("Limit");
        foreach (var (name, _) in reader.Children("Limit"))
        {
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
