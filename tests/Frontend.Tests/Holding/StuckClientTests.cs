using System.IO.Pipelines;
using Admission.Client;
using Admission.Frontend.Buffering;
using Admission.Frontend.Holding;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace Admission.Frontend.Tests.Holding;

/// <summary>Heartbeats to clients that do not take them, in virtual time.</summary>
public sealed class StuckClientTests : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly SteppedTime _time = new();
    private readonly Pipe _wide = PipeOf(64);
    private readonly Pipe _narrow = PipeOf(1);
    private readonly TemporaryFolder _folder = new();
    private readonly HoldDesk _desk;
    private readonly DefaultHttpContext _context = new();
    private Pipe _pipe = null!;
    private PipeClient _client = null!;

    public StuckClientTests()
    {
        var admission = new AdmissionClient(Substitute.For<IGrainFactory>(), Options.Create(new AdmissionClientOptions()), _time, NullLogger<AdmissionClient>.Instance);
        _desk = new HoldDesk(admission, new Buffers(new BufferFolder(_folder.Path), NullLogger<Buffers>.Instance), _time, NullLogger<HoldDesk>.Instance);
    }

    public void Dispose()
    {
        _desk.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Heartbeats_come_every_so_often_and_not_after_the_end()
    {
        var held = Begin(_wide);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        _client.Started.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        (_client.Started, Taken()).ShouldBe((true, 1));
        _time.Advance(TimeSpan.FromSeconds(61));
        Taken().ShouldBe(6);
        _desk.Open.ShouldBe(1);
        held.Headers.ContentType = "application/json";
        held.Stream.WriteAsync("[1]"u8.ToArray()).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        held.FinishAsync().IsCompletedSuccessfully.ShouldBeTrue();
        Taken().ShouldBe(3);
        _time.Advance(TimeSpan.FromMinutes(5));
        Taken().ShouldBe(0);
        (_desk.Open, _desk.Wheel.Count).ShouldBe((0, 0));
        _context.Features.Get<IHttpResponseBodyFeature>().ShouldBe(_client);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(600)]
    public void A_client_that_takes_nothing_is_cut_after_a_bound_and_nothing_piles_up_before(int every)
    {
        Begin(_narrow, TimeSpan.FromSeconds(every));
        _time.Advance(TimeSpan.FromSeconds(5.1));
        _time.Advance(HeldConnection.WriteBound - TimeSpan.FromSeconds(1));
        _client.Aborted.ShouldBeFalse();
        Taken(release: false).ShouldBe(1, "One heartbeat is on its way, and no more.");
        _time.Advance(TimeSpan.FromSeconds(2));
        _client.Aborted.ShouldBeTrue();
    }

    [Fact]
    public void Heartbeats_that_come_seldom_come_no_more_often_for_the_bound()
    {
        Begin(_wide, TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromSeconds(5.1));
        Taken().ShouldBe(1);
        _time.Advance(TimeSpan.FromMinutes(9.9));
        Taken().ShouldBe(0);
        _time.Advance(TimeSpan.FromMinutes(0.2));
        Taken().ShouldBe(1);
    }

    [Fact]
    public async Task An_outcome_waits_for_the_heartbeat_that_is_on_its_way()
    {
        var held = Begin(_narrow);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        held.StatusCode = 500;
        await held.Stream.WriteAsync("x"u8.ToArray());
        var finished = held.FinishAsync();
        finished.IsCompleted.ShouldBeFalse();
        Taken().ShouldBe(1);
        var problem = 0;
        await Until.TrueAsync(() => (problem = Taken()) > 0, "No outcome comes.");
        problem.ShouldBeGreaterThan(100);
        await finished.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static Pipe PipeOf(int most) => new(new PipeOptions(
        pauseWriterThreshold: most, resumeWriterThreshold: most, useSynchronizationContext: false, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));

    /// <summary>Holds a connection whose client can be so far behind as the pipe is wide.</summary>
    private HeldConnection Begin(Pipe pipe, TimeSpan? every = null)
    {
        (_pipe, _client) = (pipe, new PipeClient(pipe.Writer));
        _context.Features.Set<IHttpResponseBodyFeature>(_client);
        _context.Features.Set<IHttpRequestLifetimeFeature>(_client);
        _context.Request.Headers.Accept = "application/json";
        return _desk.Begin(_context, "model", new HoldSettings { Enabled = true, Every = every ?? Every }).ShouldNotBeNull();
    }

    /// <summary>Bytes on the way to the client, which takes them.</summary>
    private int Taken(bool release = true)
    {
        if (!_pipe.Reader.TryRead(out var read))
        {
            return 0;
        }

        _pipe.Reader.AdvanceTo(release ? read.Buffer.End : read.Buffer.Start);
        return (int)read.Buffer.Length;
    }
}
