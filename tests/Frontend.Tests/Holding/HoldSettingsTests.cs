using Admission.Frontend.Holding;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests.Holding;

public sealed class HoldSettingsTests
{
    [Fact]
    public void Nothing_is_held_unless_somebody_says_so()
    {
        TestRoute.Of("""{ "Limit": 1 }""").Hold.ShouldBeNull();
        TestRoute.Of("""{ "Limit": 1, "Hold": { "Every": "3s" } }""").Hold.ShouldBeNull();
        TestRoute.Of("""{ "Limit": 1, "Hold": "Heartbeat" }""", new() { ["Admission.Hold"] = "Off" }).Hold.ShouldBeNull();
        TestRoute.Of("""{ "Limit": 1, "Hold": "Heartbeat" }""").Hold.ShouldBe(new HoldSettings { Enabled = true, MaxWait = TimeSpan.FromSeconds(10) });
        TestRoute.Of("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "MaxWait": "5s" }, "Hold": "Heartbeat" }""", new() { ["Admission.MaxWait"] = "3s" }).Hold!.MaxWait.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_route_has_the_last_word()
    {
        const string Backend = """{ "Limit": 1, "Overflow": "Wait", "Hold": { "Mode": "Off", "Every": "3s", "After": "0s", "MaxWait": "24h", "Format": "Xml", "MaxResult": "1KiB" } }""";
        var all = new HoldSettings
        {
            Enabled = true, Every = TimeSpan.FromSeconds(3), After = TimeSpan.Zero, MaxWait = TimeSpan.FromDays(1), Format = HoldFormat.Xml, MaxResult = 1024,
        };
        TestRoute.Of(Backend, new() { ["admission.hold"] = "heartbeat" }).Hold.ShouldBe(all);
        var route = new Dictionary<string, string>
        {
            ["Admission.Hold"] = "Heartbeat", ["Admission.Hold.Every"] = "100ms", ["admission.hold.after"] = "1s", ["Admission.Hold.MaxWait"] = "2h", ["Admission.Hold.Format"] = "json",
        };
        TestRoute.Of(Backend, route).Hold.ShouldBe(all with
        {
            Every = TimeSpan.FromMilliseconds(100),
            After = TimeSpan.FromSeconds(1),
            MaxWait = TimeSpan.FromHours(2),
            Format = HoldFormat.Json,
        });
    }

    [Theory]
    [InlineData("""{ "Limit": 1, "Hold": "Heartbeet" }""", "Admission:Backends:model:Hold: 'Heartbeet' is not possible. Choose Heartbeat or Off. Did you mean 'Heartbeat'?")]
    [InlineData("""{ "Limit": 1, "Hold": { "Evry": "1s" } }""", "Admission:Backends:model:Hold:Evry: there is no such setting. Did you mean 'Every'?")]
    [InlineData("""{ "Limit": 1, "Hold": { "Every": "50ms" } }""", "Admission:Backends:model:Hold:Every: 00:00:00.0500000 is not possible. Give a duration from 00:00:00.1000000 to 00:10:00.")]
    [InlineData("""{ "Limit": 1, "Hold": { "After": "11m" } }""", "Admission:Backends:model:Hold:After: 00:11:00 is not possible. Give a duration from 00:00:00 to 00:10:00.")]
    [InlineData("""{ "Limit": 1, "Hold": { "MaxWait": "1h" } }""", "Admission:Backends:model:Hold:MaxWait: a wait is given, but nothing waits at this backend. Say Overflow: Wait, or leave it out.")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Hold": { "MaxWait": "25h" } }""", "Admission:Backends:model:Hold:MaxWait: 1.01:00:00 is not possible.")]
    [InlineData("""{ "Limit": 1, "Hold": { "MaxResult": "65MiB" } }""", "Admission:Backends:model:Hold:MaxResult: 68157440 is not possible.")]
    [InlineData("""{ "Limit": 1, "Hold": { "Format": "Text" } }""", "Admission:Backends:model:Hold:Format: 'Text' is not possible. Choose Json or Xml or EventStream.")]
    public void Tells_what_is_wrong_with_a_backend(string backend, string mistake) =>
        TestRoute.Read(backend).Errors.ShouldHaveSingleItem().ShouldStartWith(mistake);

    [Theory]
    [InlineData("Admission.Hold", "On", "'On' is not possible. Choose Heartbeat or Off.")]
    [InlineData("Admission.Hold.Every", "1ms", "00:00:00.0010000 is not possible. Give a duration from 00:00:00.1000000 to 00:10:00.")]
    [InlineData("Admission.Hold.Every", "soon", "'soon' is not understood.")]
    [InlineData("Admission.Hold.MaxWait", "1m", "a wait is given, but nothing waits at this backend.")]
    [InlineData("Admission.Hold.Format", "Html", "'Html' is not possible. Choose Json or Xml or EventStream.")]
    [InlineData("Admission.Hold.Evry", "1s", "there is no such setting. Did you mean 'Admission.Hold.Every'?")]
    public void Tells_what_is_wrong_with_a_route(string key, string value, string mistake) =>
        TestRoute.Read("""{ "Limit": 1 }""", new() { [key] = value }).Errors.ShouldHaveSingleItem().ShouldStartWith($"ReverseProxy:Routes:all:Metadata:{key}: {mistake}");
}
