using System.Net;
using System.Text.Json;
using Admission.Frontend.Configuration;
using Admission.Frontend.Recording;
using Admission.Frontend.Tests.Support;
using Admission.Trace;
using Microsoft.Extensions.Configuration;

namespace Admission.Frontend.Tests;

public sealed class RecorderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LogCollector _log = new();

    private string File => Path.Combine(_folder.Path, "recordings", "arrivals.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_a_header_and_a_line_for_each_request()
    {
        await using (var file = Open(1 << 20))
        {
            file.Start();
            file.Add(Served("a"));
            file.Add(new Arrival { At = TimeSpan.FromSeconds(2), Backend = "model", Priority = 10, Weight = 1, Outcome = ArrivalOutcome.Refused });
        }

        var lines = await System.IO.File.ReadAllLinesAsync(File);
        lines.Length.ShouldBe(3);
        JsonDocument.Parse(lines[0]).RootElement.GetProperty("format").GetString().ShouldBe("admission-arrivals");
        lines[1].ShouldBe("""{"at":1,"backend":"model","tenant":"a","priority":10,"weight":1,"outcome":"served","waited":0.25,"service":0.5}""");
        Read().Select(arrival => arrival.Outcome).ShouldBe([ArrivalOutcome.Served, ArrivalOutcome.Refused]);
        _log.Lines(2031).ShouldHaveSingleItem();
        _log.Lines(2034).ShouldHaveSingleItem().ShouldContain("with 2 requests of this run; 0 were dropped");
    }

    [Fact]
    public async Task Ends_at_its_bound_and_says_so()
    {
        await using var file = Open(4096);
        file.Start();
        for (var i = 0; i < 100; i++)
        {
            file.Add(Served("a"));
        }

        await Until.TrueAsync(() => !file.IsOpen, "The recording does not end.");
        new FileInfo(File).Length.ShouldBeInRange(3900, 4096);
        Read().Count.ShouldBeInRange(30, 40);
        _log.Lines(2032).ShouldHaveSingleItem().ShouldContain("would have more than 4096 bytes");
        file.Add(Served("a"));
        file.Dropped.ShouldBe(0);
    }

    [Fact]
    public async Task A_file_that_is_there_is_continued_within_the_bound()
    {
        for (var run = 0; run < 2; run++)
        {
            await using var file = Open(4096);
            file.Start();
            file.Add(Served("a"));
        }

        Read().Count.ShouldBe(2);
        (await System.IO.File.ReadAllLinesAsync(File)).Count(line => line.Contains("\"format\"", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Drops_and_counts_when_the_file_cannot_keep_up()
    {
        await using var file = Open(1 << 30);
        for (var i = 0; i < RecordingFile.Waiting + 3; i++)
        {
            file.Add(Served("a"));
        }

        file.Dropped.ShouldBe(3);
        _log.Lines(2035).ShouldHaveSingleItem();
        file.Start();
        await file.DisposeAsync();
        Read().Count.ShouldBe(RecordingFile.Waiting);
        _log.Lines(2034).ShouldHaveSingleItem().ShouldContain("3 were dropped");
    }

    [Fact]
    public async Task Hashes_tenants_with_the_key()
    {
        foreach (var key in new[] { "one", "one", "two" })
        {
            await using var file = new RecordingFile(new RecorderSettings(File, 1 << 20, HashTenants: true, key), TimeProvider.System, Logger());
            file.Start();
            file.Add(Served("alice"));
        }

        var names = Read().Select(arrival => arrival.Tenant!).ToArray();
        names[0].ShouldMatch("^[0-9a-f]{16}$");
        names[1].ShouldBe(names[0]);
        names[2].ShouldNotBe(names[0]);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_a_line_in_the_log()
    {
        await using var file = new RecordingFile(new RecorderSettings(_folder.Path, 1 << 20, HashTenants: false, null), TimeProvider.System, Logger());
        file.Start();
        await Until.TrueAsync(() => !file.IsOpen, "The recording does not fail.");
        _log.Lines(2033).ShouldHaveSingleItem().ShouldContain(_folder.Path);
    }

    [Fact]
    public async Task A_gateway_records_while_its_settings_say_so()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var route = new Dictionary<string, string?> { ["Admission.TrustHeaders"] = "true" };
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2" }, route);
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        var recording = TestGateway.Settings([server], new() { ["Limit"] = "2" }, route);
        recording["Admission:Recorder:File"] = File;
        gateway.Change(recording);
        await Until.TrueAsync(() => System.IO.File.Exists(File), "The recording does not begin.");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Admission-Tenant", "a");
        request.Headers.Add("X-Admission-Weight", "2");
        request.Headers.Add("X-Request-Deadline", "1500");
        (await gateway.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);

        gateway.Change(TestGateway.Settings([server], new() { ["Limit"] = "2" }, route));
        await Until.TrueAsync(() => gateway.Log.Lines(2034).Any(), "The recording does not end.");
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        var arrival = Read().ShouldHaveSingleItem();
        arrival.Backend.ShouldBe("model");
        arrival.Tenant.ShouldBe("a");
        arrival.Weight.ShouldBe(2);
        arrival.Priority.ShouldBe(10);
        arrival.Outcome.ShouldBe(ArrivalOutcome.Served);
        arrival.Deadline.ShouldBe(TimeSpan.FromSeconds(1.5));
        arrival.Service!.Value.ShouldBeInRange(TimeSpan.FromTicks(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Refusals_and_clients_that_left_are_recorded_too()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        Dictionary<string, string?> policy = new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "1" };
        await using var gateway = await TestGateway.StartAsync(server, policy);
        var recording = TestGateway.Settings([server], policy);
        recording["Admission:Recorder:File"] = File;
        gateway.Change(recording);
        await Until.TrueAsync(() => System.IO.File.Exists(File), "The recording does not begin.");

        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        using var leaves = new CancellationTokenSource();
        var second = gateway.Http.GetAsync("/", leaves.Token);
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 1, "The second does not wait.");
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(second);
        await Until.TrueAsync(() => Lines() == 3, "The second is not recorded as left.");
        go.Release();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(() => Lines() == 4, "The first is not recorded.");
        Read().Select(arrival => arrival.Outcome).Order().ShouldBe([ArrivalOutcome.Served, ArrivalOutcome.Refused, ArrivalOutcome.Left]);
        Read().ShouldAllBe(arrival => arrival.Outcome == ArrivalOutcome.Served == arrival.Service.HasValue);
    }

    [Theory]
    [InlineData("""{ "File": "a", "MaxBytes": "1KiB" }""", "Admission:Recorder:MaxBytes: 1024 is not possible. Give a size from 4KiB to 1024GiB.")]
    [InlineData("""{ "File": "a", "HashKey": "x" }""", "Admission:Recorder:HashKey: a key is given, but tenants are not hashed.*")]
    [InlineData("""{ "MaxBytes": "1MiB" }""", "Admission:Recorder:File: missing.*")]
    [InlineData("""{ "File": " " }""", "Admission:Recorder:File: missing.*")]
    [InlineData("""{ "File": "a", "Fiel": "b" }""", "Admission:Recorder:Fiel: there is no such setting.*")]
    public void Refuses_wrong_settings(string recorder, string mistake)
    {
        var (_, errors) = Settings(recorder);
        errors.ShouldHaveSingleItem().ShouldMatch($"^{System.Text.RegularExpressions.Regex.Escape(mistake).Replace("\\*", ".*", StringComparison.Ordinal)}$");
    }

    [Fact]
    public void Reads_its_settings_and_is_off_without_them()
    {
        Settings("""{ "File": "a", "MaxBytes": "1MiB", "HashTenants": true, "HashKey": "x" }""").Settings.Recorder
            .ShouldBe(new RecorderSettings("a", 1 << 20, HashTenants: true, "x"));
        Settings("""{ "File": "a" }""").Settings.Recorder.ShouldBe(new RecorderSettings("a", 64 << 20, HashTenants: false, null));
        Settings("{}").Settings.Recorder.ShouldBeNull();
    }

    private static (AdmissionSettings Settings, List<string> Errors) Settings(string recorder)
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "Admission": { "Recorder": {{recorder}} } }"""));
        var errors = new List<string>();
        var section = new ConfigurationBuilder().AddJsonStream(json).Build().GetSection(SettingsReader.SectionName);
        return (SettingsReader.Read(section, [], inCluster: false, errors), errors);
    }

    private static Arrival Served(string tenant) => new()
    {
        At = TimeSpan.FromSeconds(1), Backend = "model", Tenant = tenant, Priority = 10, Weight = 1, Outcome = ArrivalOutcome.Served,
        Waited = TimeSpan.FromMilliseconds(250), Service = TimeSpan.FromMilliseconds(500),
    };

    private RecordingFile Open(long maxBytes) => new(new RecorderSettings(File, maxBytes, HashTenants: false, null), TimeProvider.System, Logger());

    private Microsoft.Extensions.Logging.ILogger Logger() => _log.CreateLogger("");

    private int Lines() => Text().Split('\n').Length - 1;

    private string Text()
    {
        using var stream = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private List<Arrival> Read()
    {
        var errors = new List<string>();
        var arrivals = TraceReader.Read(new StringReader(Text()), errors);
        errors.ShouldBeEmpty();
        return arrivals;
    }
}
