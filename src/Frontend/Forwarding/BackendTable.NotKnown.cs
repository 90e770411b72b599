using System.Collections.Frozen;
using Admission.Frontend.Configuration;
using Admission.Frontend.Discovery;

namespace Admission.Frontend.Forwarding;

/// <content>
/// Backends whose destinations come from DNS, which has not answered this gateway yet. Without them there is no policy to deliver: one with no destination at all would take the limit
/// of the whole cluster to zero, because one new gateway, or its machine, cannot ask.
/// </content>
internal sealed partial class BackendTable
{
    /// <summary>A gateway is not ready so long; after that a name for which nobody ever answers keeps only its own backend from being served.</summary>
    private static readonly TimeSpan LongestUnready = TimeSpan.FromSeconds(30);

    private readonly long _madeAt;

    /// <summary>The names for which DNS has not answered yet, as long as a gateway that has just started should wait for that.</summary>
    public IEnumerable<string> NotKnownYet =>
        _time.GetElapsedTime(_madeAt) < LongestUnready ? _applied.NotKnown.Values.Distinct(StringComparer.OrdinalIgnoreCase).Select(Unanswered) : [];

    /// <summary>Why a cluster is not known here; null if there is no such reason.</summary>
    /// <param name="clusterId">The cluster.</param>
    public string? WaitingFor(string clusterId) => Waiting ?? (_applied.NotKnown.TryGetValue(clusterId, out var host) ? Unanswered(host) : null);

    private static string Unanswered(string host) => $"DNS has not answered for '{host}'";

    // Where nothing is enforced nobody waits for a policy.
    private FrozenDictionary<string, string> NotKnown(AdmissionSettings settings) =>
        _clusters.Where(cluster => settings.Backends.TryGetValue(cluster.ClusterId, out var wanted) && wanted.IsEnforced)
            .Select(static cluster => (cluster.ClusterId, Host: Resolving.NotKnown(cluster))).Where(static each => each.Host is not null)
            .ToFrozenDictionary(static each => each.ClusterId, static each => each.Host!, StringComparer.OrdinalIgnoreCase);

    /// <summary>What is in force goes on, where there is anything.</summary>
    private static void Keep(FrozenDictionary<string, Backend> old, string id, Dictionary<string, Backend> table)
    {
        if (old.TryGetValue(id, out var backend))
        {
            table.Add(id, backend);
        }
    }
}
