namespace Admission.Capacity.Tests;

/// <summary>A request in a <see cref="LimitLab"/>; it waits in its pool until there is a permit.</summary>
internal sealed class LabJob(LimitLab lab, int pool) : WaitingRequest
{
    public int PoolIndex { get; } = pool;

    public Permit Permit { get; set; }

    /// <summary>When it arrived.</summary>
    public double ArrivedAt { get; } = lab.Now;

    /// <inheritdoc/>
    public override void Decided(in PoolResult result) => lab.Decided(this, result);
}
