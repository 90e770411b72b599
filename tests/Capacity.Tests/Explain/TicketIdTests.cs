using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

public class TicketIdTests
{
    [Fact]
    public void Is_read_as_it_was_written()
    {
        var reasons = Enum.GetValues<RefusalReason>();
        Prop.ForAll(Gen.Choose(1, int.MaxValue).ToArbitrary(), small =>
        {
            var (number, reason) = (small * 130_000L, reasons[small % reasons.Length]);
            var ticket = new TicketId(TicketId.TagOf($"h{small}"), number, reason, (uint)small, (uint)small * 2);
            var text = ticket.ToString();
            text.Length.ShouldBe(TicketId.Length);
            Uri.EscapeDataString(text).ShouldBe(text);
            TicketId.TryParse(text, out var read).ShouldBeTrue();
            read.ShouldBe(ticket);
            (read.Number, read.Reason, read.Notice, read.Age).ShouldBe((number, reason, (uint)small, (uint)small * 2));
            var bytes = new byte[TicketId.Length];
            ticket.WriteUtf8(bytes);
            Encoding.ASCII.GetString(bytes).ShouldBe(text);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("")]
    [InlineData("queue-full")]
    [InlineData("AQ")]
    [InlineData("AQIAAAAAAAFmOu0WDQHHwgAAAAAAAAAAA")]
    [InlineData("AQIAAAAAAAFmOu0WDQHHwgAAAAAAAAA")]
    [InlineData("AQIAAAAAAAFmOu0WDQHHwgAAAAAAA AA")]
    [InlineData("AQIAAAAAAAFmOu0WDQHHwgAAAAAA//AA")]
    [InlineData("AgIAAAAAAAFmOu0WDQHHwgAAAAAAAAAA")]
    [InlineData("AQIAAAAAAABmOu0WDQHHwgAAAAAAAAAA")]
    public void No_other_text_is_one(string text) => TicketId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Names_one_request_whatever_became_of_it()
    {
        var waits = new TicketId(TicketId.TagOf("a"), 7, RefusalReason.None, 0, 3);
        new TicketId(TicketId.TagOf("a"), 7, RefusalReason.WaitExpired, 0, 3).ShouldBe(waits);
        new TicketId(TicketId.TagOf("b"), 7, RefusalReason.None, 0, 3).ShouldNotBe(waits);
        new TicketId(TicketId.TagOf("a"), 8, RefusalReason.None, 0, 3).ShouldNotBe(waits);
        default(TicketId).IsNone.ShouldBeTrue();
        default(TicketId).ToString().ShouldBeEmpty();
    }
}
