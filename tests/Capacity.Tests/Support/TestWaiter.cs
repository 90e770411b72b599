namespace Admission.Capacity.Tests;

/// <summary>A waiting request that keeps its answer.</summary>
internal sealed class TestWaiter : WaitingRequest
{
    public PoolResult? Result { get; private set; }

    public PoolAnswer Answer => Result?.Answer ?? PoolAnswer.Waiting;

    public override void Decided(in PoolResult result)
    {
        Result.ShouldBeNull("a request is decided once");
        Result = result;
    }
}
