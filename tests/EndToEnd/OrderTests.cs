namespace Admission.EndToEnd;

/// <summary>Who comes first is served first.</summary>
[Collection(Measured.Name)]
public sealed class OrderTests
{
    [SkippableFact]
    public async Task One_worker_serves_in_order_of_arrival()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 1);
        await ServesInOrderAsync(backend);
    }

    [SkippableFact]
    public async Task Four_workers_of_which_one_may_work_serve_in_order_of_arrival()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 4);
        await ServesInOrderAsync(backend);
    }

    [SkippableFact]
    public async Task A_thread_pool_serves_in_order_of_arrival()
    {
        await using var backend = PythonBackend.LaunchUvicorn();
        await ServesInOrderAsync(backend);
    }

    [SkippableFact]
    public async Task Who_has_its_answer_may_ask_again_at_once()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 2);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = 1, Overflow = "Refuse" }, backend);
        for (var number = 0; number < 200; number++)
        {
            // Over another connection, which nothing keeps behind the first.
            var answer = await gateway.GetAsync($"/work?id={number}&ms=1");
            answer.Status.ShouldBe(200, $"Request {number}: {answer.Body}");
        }
    }

    // Each request is begun only when the ledger has queued the one before; the first occupies the backend until all have come.
    private static async Task ServesInOrderAsync(PythonBackend backend)
    {
        const int Count = 40;
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = 1, Overflow = "Wait", Queue = new { Capacity = 100, MaxWait = "00:00:30" } }, backend);
        var first = gateway.GetAsync("/work?id=first&ms=2500");
        await Until.TrueAsync(() => backend.Journal.Inside() == 1, TimeSpan.FromSeconds(5), () => "Never inside.");

        var waiting = new List<Task<HttpAnswer>>();
        for (var number = 0; number < Count; number++)
        {
            waiting.Add(gateway.GetAsync($"/work?id={number}&ms=5"));
            await gateway.WaitForQueueAsync(number + 1);
        }

        first.IsCompleted.ShouldBeFalse("The first was to outlast the arrivals: nothing waited.");
        (await Task.WhenAll(waiting)).ShouldAllBe(answer => answer.Status == 200);
        backend.Journal.Started().ShouldBe(["first", .. Enumerable.Range(0, Count).Select(number => $"{number}")]);
    }
}
