namespace Orleans.TestKit;

/// <summary>A test of one grain: the grain is real and everything around it a probe.</summary>
/// <remarks>The part of OrleansTestKit's API that this repository uses, for builds whose package feed lacks OrleansTestKit.</remarks>
public abstract class TestKitBase
{
    /// <summary>The silo that is none.</summary>
    protected TestKitSilo Silo { get; } = new();
}

/// <summary>How a test silo behaves.</summary>
public sealed class TestKitOptions
{
    /// <summary>Makes the storage of a state, instead of the default one.</summary>
    public Func<Type, object>? StorageFactory { get; set; }

    /// <summary>Whether grains that were not added as probes are refused. Default false: they are mocks.</summary>
    public bool StrictGrainProbes { get; set; }

    /// <summary>Whether services that were not added are refused. Default false: they are mocks.</summary>
    public bool StrictServiceProbes { get; set; }
}
