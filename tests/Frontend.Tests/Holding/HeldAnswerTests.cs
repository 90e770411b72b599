using System.Buffers;
using System.IO.Pipelines;
using System.Text;
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

/// <summary>Answers over connections that have had a heartbeat, in virtual time.</summary>
public sealed class HeldAnswerTests : IDisposable
{
    private readonly SteppedTime _time = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly TemporaryFolder _folder = new();
    private readonly Buffers _buffers;
    private readonly HoldDesk _desk;

    public HeldAnswerTests()
    {
        var admission = new AdmissionClient(Substitute.For<IGrainFactory>(), Options.Create(new AdmissionClientOptions()), _time, NullLogger<AdmissionClient>.Instance);
        _buffers = new Buffers(new BufferFolder(_folder.Path), NullLogger<Buffers>.Instance);
        _desk = new HoldDesk(admission, _buffers, _time, NullLogger<HoldDesk>.Instance);
    }

    public void Dispose()
    {
        _desk.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("application/json", 65_536)]
    [InlineData("application/xml", 65_536)]
    [InlineData("application/xml", 1)]
    [InlineData("application/xml", 1_000)]
    public async Task What_was_promised_goes_on_whatever_its_size_and_needs_no_room(string type, int parts)
    {
        _buffers.Configure(memory: 0, disk: 0);
        var held = Begin(type, maxResult: 0);
        var text = new string('a', 200_000);
        var answer = type == "application/json" ? $"\"{text}\"" : $"<?xml version=\"1.0\"?><a>{text}</a>";
        await AnswerAsync(held, type, answer, parts);
        await held.FinishAsync();
        var taken = Taken();
        taken.ShouldEndWith(type == "application/json" ? answer : $"\n<a>{text}</a>");
        taken.Length.ShouldBeLessThan(answer.Length + 60);
        _buffers.Memory.ShouldBe(0);
    }

    [Theory]
    [InlineData(65_536)]
    [InlineData(100)]
    public async Task What_only_its_start_shows_to_be_another_is_told_with_all_of_it(int parts)
    {
        var held = Begin("application/xml", maxResult: 1 << 20);
        var text = new string('a', 5_000);
        await AnswerAsync(held, "application/xml", $"<?xml version=\"1.1\"?><a>{text}</a>", parts);
        _buffers.Memory.ShouldBeGreaterThan(5_000);
        await held.FinishAsync();
        Taken().ShouldContain($"&lt;?xml version=\"1.1\"?&gt;&lt;a&gt;{text}&lt;/a&gt;");
        _buffers.Memory.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_too_large_to_be_told_gives_its_room_back_at_once()
    {
        var held = Begin("application/json", maxResult: 4_096);
        await AnswerAsync(held, "text/plain", new string('a', 4_000), 1_000);
        _buffers.Memory.ShouldBe(4_000);
        await held.Stream.WriteAsync(new byte[97]);
        _buffers.Memory.ShouldBe(0);
        await held.FinishAsync();
        Taken().ShouldContain("result-too-large");
        _buffers.Memory.ShouldBe(0);
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<?xml version=")]
    public async Task What_breaks_off_at_its_start_is_told_and_not_passed_as_whole(string start)
    {
        var held = Begin("application/xml", maxResult: 4_096);
        await AnswerAsync(held, "application/xml", start, 1);
        held.Abort();
        await held.FinishAsync();
        Taken().ShouldContain("backend-response-failed");
    }

    /// <summary>Holds a connection until its first heartbeat has been sent.</summary>
    private HeldConnection Begin(string accept, long maxResult)
    {
        var context = new DefaultHttpContext();
        var client = new PipeClient(_pipe.Writer);
        context.Features.Set<IHttpResponseBodyFeature>(client);
        context.Features.Set<IHttpRequestLifetimeFeature>(client);
        context.Request.Headers.Accept = accept;
        var held = _desk.Begin(context, "model", new HoldSettings { Enabled = true, MaxResult = maxResult }).ShouldNotBeNull();
        _time.Advance(HoldSettings.Default.After + (2 * HoldWheel.Step));
        client.Started.ShouldBeTrue();
        return held;
    }

    private static async Task AnswerAsync(HeldConnection held, string type, string answer, int parts)
    {
        held.Headers.ContentType = type;
        var bytes = Encoding.UTF8.GetBytes(answer).AsMemory();
        for (var at = 0; at < bytes.Length; at += parts)
        {
            await held.Stream.WriteAsync(bytes[at..Math.Min(at + parts, bytes.Length)]);
        }
    }

    private string Taken()
    {
        _pipe.Reader.TryRead(out var read).ShouldBeTrue();
        var text = Encoding.UTF8.GetString(read.Buffer);
        _pipe.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }
}
