using System.Collections.Concurrent;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>A request that was answered 202.</summary>
/// <param name="id">The request's id.</param>
/// <param name="address">Where its job is.</param>
/// <param name="key">The Idempotency-Key that its backend is to see: the client's, or the job's id.</param>
/// <param name="time">When the 202 was there.</param>
internal sealed class AcceptedJob(string id, string address, string key, long time)
{
    public string Id => id;

    public string Address => address;

    public string Key => key;

    public long Time => time;

    /// <summary>What its client saw of the result while faults went on, and how.</summary>
    public ConcurrentQueue<(string How, JobResultSeen Result)> Seen { get; } = [];
}
