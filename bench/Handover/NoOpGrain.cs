namespace Admission.Handover;

/// <summary>What one plain grain call costs.</summary>
public interface INoOpGrain : IGrainWithStringKey
{
    /// <summary>Does nothing.</summary>
    Task CallAsync();
}

/// <inheritdoc/>
public sealed class NoOpGrain : Grain, INoOpGrain
{
    /// <inheritdoc/>
    public Task CallAsync() => Task.CompletedTask;
}
