namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>What a holder has seen of one lease. Times are those of the machine's monotonic clock, in nanoseconds.</summary>
/// <param name="backend">Its backend.</param>
/// <param name="holder">Who has taken it.</param>
/// <param name="id">Its id.</param>
/// <param name="grant">The answer by which it was granted.</param>
internal sealed class LeaseRecord(string backend, string holder, string id, LeaseGrant grant)
{
    public string Backend => backend;

    public string Holder => holder;

    public string Id => id;

    public LeaseGrant Grant => grant;

    /// <summary>The answers to renewals, in their order.</summary>
    public List<LeaseRenewal> Renewals { get; } = [];

    /// <summary>When its holder saw that it had ended, and stopped; null if it never did.</summary>
    public long? Lost { get; set; }

    /// <summary>When its holder began to give it back; null if it never did. What is not answered may have been heard.</summary>
    public long? GivenBack { get; set; }

    /// <summary>The answer to its release; null if there was none, or its holder never came to that.</summary>
    public LeaseRenewal? Release { get; set; }

    /// <summary>The latest that it may be used by its holder's own clock.</summary>
    public long Until => Renewals.Where(renewal => renewal.Status == 200).Select(renewal => renewal.Sent + renewal.ExpiresIn).Append(grant.Until).Max();

    /// <summary>From when on its holder may not use it any more: it has given it back, or its time is over.</summary>
    public long End => Math.Min(GivenBack ?? long.MaxValue, Until);

    public override string ToString() => $"the lease {id} of {holder} ({backend} {grant.Number})";
}

/// <summary>The answer by which a lease was granted.</summary>
/// <param name="Asked">When it was asked for.</param>
/// <param name="Answered">When the answer was there.</param>
/// <param name="Epoch">The epoch of its fencing token.</param>
/// <param name="Number">The token's number.</param>
/// <param name="Waited">How long it waited, in nanoseconds.</param>
/// <param name="ExpiresIn">How long it may be used, in nanoseconds.</param>
/// <param name="Gateway">Who granted it: the number of the gateway in the run's order.</param>
internal sealed record LeaseGrant(long Asked, long Answered, long Epoch, long Number, long Waited, long ExpiresIn, int Gateway)
{
    /// <summary>Until when it may be used: an answer can have been on its way for long, so this counts from when it was asked for, and what it waited by the gateway's clock.</summary>
    public long Until => Asked + Waited + ExpiresIn;
}

/// <summary>An answer to a renewal or a release.</summary>
/// <param name="Sent">When it was asked for.</param>
/// <param name="Answered">When the answer was there.</param>
/// <param name="Status">Its status; 0 if nobody answered.</param>
/// <param name="ExpiresIn">How long the lease may be used from when it was sent, in nanoseconds.</param>
internal sealed record LeaseRenewal(long Sent, long Answered, int Status, long ExpiresIn = 0);
