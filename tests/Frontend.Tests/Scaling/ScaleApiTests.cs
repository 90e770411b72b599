using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests.Scaling;

public sealed class ScaleApiTests
{
    [Fact]
    public async Task It_tells_what_is_in_use_and_waits_and_how_many_instances_that_asks_for()
    {
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(context => gate.Task.WaitAsync(TimeSpan.FromSeconds(20), context.RequestAborted));
        await using var gateway = await TestGateway.StartAsync(server, new() { ["DestinationLimit"] = "2", ["Overflow"] = "Wait" });
        var requests = Enumerable.Range(0, 5).Select(_ => gateway.GetAsync()).ToArray();
        await Until.TrueAsync(async () => Number(await ScaleAsync(gateway), "demand") == 5, "The demand is not 5.");
        var scale = await ScaleAsync(gateway, "?target=50");
        (Number(scale, "inUse"), Number(scale, "waiting"), Number(scale, "limit"), Number(scale, "replicas"), Number(scale, "perReplica"), Number(scale, "desired")).ShouldBe((2, 3, 2, 1, 2, 5));
        Number(await ScaleAsync(gateway, "?perReplica=5&target=100"), "desired").ShouldBe(1);
        gate.SetResult();
        foreach (var answer in await Task.WhenAll(requests))
        {
            answer.Dispose();
        }

        await Until.TrueAsync(async () => Number(await ScaleAsync(gateway), "desired") == 0, "The demand stays.");
    }

    [Fact]
    public async Task Where_nobody_says_what_one_instance_can_do_it_asks_for_that()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2" });
        using var missing = await gateway.GetAsync("/admission/v1/backends/model/scale");
        missing.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await missing.Content.ReadAsStringAsync()).ShouldContain("?perReplica=4");
        using var wrong = await gateway.GetAsync("/admission/v1/backends/model/scale?target=101");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Number(await ScaleAsync(gateway, "?perReplica=2"), "desired").ShouldBe(0);
    }

    private static Task<JsonElement> ScaleAsync(TestGateway gateway, string query = "") => gateway.Http.GetFromJsonAsync<JsonElement>($"/admission/v1/backends/model/scale{query}");

    private static int Number(JsonElement scale, string name) => scale.GetProperty(name).GetInt32();
}
