using Admission.Frontend.Api;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.BackendCommands;

/// <summary>How a backend stands, as far as trouble shows in it. What is not known is null.</summary>
internal sealed record Standing(
    string Status, string? Error, int? Limit, int? InUse, int? Quarantined, int? Waiting, int? Places, double? SaturatedFor, bool IsPaused, int Destinations, int Withheld, int Drained, double? Refusals)
{
    /// <summary>The share of the limit that counts against it; null where there is none.</summary>
    public double? Utilisation => Limit is > 0 and var limit ? (InUse + Quarantined) / (double)limit : null;

    /// <summary>Of a whole view.</summary>
    public static Standing Of(BackendView backend)
    {
        var drained = backend.Destinations.Count(each => each.State is "draining" or "drained");
        return new Standing(
            backend.Status, backend.Error, backend.Limit, backend.InUse, backend.Quarantined, backend.Queued, backend.Policy?.QueueCapacity, backend.SaturatedFor, backend.Paused == true,
            backend.Destinations.Count, backend.Destinations.Count(each => each.State != "in-service") - drained, drained, null);
    }

    /// <summary>Of a glance.</summary>
    public static Standing Of(GlanceView backend) => new(
        backend.Status, backend.Error, backend.Limit, backend.InUse, backend.Quarantined, backend.Waiting, backend.QueueCapacity, backend.SaturatedFor, backend.Paused,
        backend.Destinations ?? 0, backend.Withheld ?? 0, 0, backend.RefusedPerSecond);
}
