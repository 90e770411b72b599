namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>A write that the database was asked for, in its own order.</summary>
/// <param name="At">When, in seconds on the database's clock.</param>
/// <param name="Number">The fencing token that came with it.</param>
/// <param name="Holder">Who wrote.</param>
/// <param name="Lease">The lease that it believed to have.</param>
/// <param name="IsAccepted">Whether the database took it.</param>
internal sealed record FencedWrite(double At, long Number, string Holder, string Lease, bool IsAccepted);
