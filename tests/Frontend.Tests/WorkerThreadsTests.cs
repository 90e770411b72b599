using Admission.Frontend.Hosting;

namespace Admission.Frontend.Tests;

public sealed class WorkerThreadsTests : IDisposable
{
    private readonly int _workers;
    private readonly int _completions;

    public WorkerThreadsTests()
    {
        ThreadPool.GetMinThreads(out _workers, out _completions);
        ThreadPool.SetMinThreads(1, _completions);
    }

    public void Dispose()
    {
        AppContext.SetData(WorkerThreads.Setting, null);
        ThreadPool.SetMinThreads(_workers, _completions);
    }

    [Fact]
    public void A_gateway_has_threads_enough_on_a_small_machine()
    {
        WorkerThreads.Raise();

        Minimum().ShouldBe(WorkerThreads.Least);
    }

    [Fact]
    public void A_larger_minimum_stays()
    {
        ThreadPool.SetMinThreads(WorkerThreads.Least + 3, _completions);

        WorkerThreads.Raise();

        Minimum().ShouldBe(WorkerThreads.Least + 3);
    }

    [Fact]
    public void Whoever_has_said_how_many_is_heard()
    {
        AppContext.SetData(WorkerThreads.Setting, 1);

        WorkerThreads.Raise();

        Minimum().ShouldBe(1);
    }

    private static int Minimum()
    {
        ThreadPool.GetMinThreads(out var workers, out _);
        return workers;
    }
}
