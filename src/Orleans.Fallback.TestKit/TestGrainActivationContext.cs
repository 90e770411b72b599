using Orleans.Runtime;

namespace Orleans.TestKit;

/// <summary>The context of a grain under test.</summary>
public sealed class TestGrainActivationContext : IGrainContext
{
    /// <inheritdoc/>
    public GrainReference GrainReference { get; set; } = null!;

    /// <inheritdoc/>
    public GrainId GrainId { get; set; }

    /// <inheritdoc/>
    public object? GrainInstance { get; set; }

    /// <inheritdoc/>
    public ActivationId ActivationId { get; set; }

    /// <inheritdoc/>
    public IServiceProvider ActivationServices { get; set; } = null!;

    /// <inheritdoc/>
    public Task Deactivated { get; set; } = Task.CompletedTask;

    /// <summary>The class of the grain.</summary>
    public Type GrainType { get; set; } = null!;

    /// <inheritdoc/>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        // A test deactivates with TestKitSilo.DeactivateAsync.
    }

    /// <inheritdoc/>
    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();
}
