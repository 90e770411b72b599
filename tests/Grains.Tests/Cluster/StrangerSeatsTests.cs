using System.Net;
using Admission.Grains.Cluster;

namespace Admission.Grains.Tests.Cluster;

public class StrangerSeatsTests
{
    private readonly StrangerSeats _seats = new();

    [Fact]
    public void One_address_takes_its_share_and_leaves_the_rest_to_others()
    {
        Fill("192.0.2.7", StrangerSeats.MostOfOne);
        Enter("192.0.2.7").ShouldBe("too many handshakes at once from this address");
        Enter("::ffff:192.0.2.7").ShouldNotBeEmpty("The same address, seen by a socket for both.");
        Enter("192.0.2.8").ShouldBeEmpty();

        _seats.Leave(At("192.0.2.7"));
        Enter("::ffff:192.0.2.7").ShouldBeEmpty();
        Enter("192.0.2.7").ShouldNotBeEmpty();
    }

    [Fact]
    public void A_network_of_one_owner_counts_as_one_address()
    {
        for (var i = 0; i < StrangerSeats.MostOfOne; i++)
        {
            Enter($"2001:db8:1:1::{i:x}").ShouldBeEmpty();
        }

        Enter("2001:db8:1:1:ffff::1").ShouldNotBeEmpty();
        Enter("2001:db8:1:2::1").ShouldBeEmpty();
    }

    [Fact]
    public void There_is_an_end_for_all_together_and_what_was_given_back_is_free()
    {
        const int addresses = StrangerSeats.Most / StrangerSeats.MostOfOne;
        for (var i = 0; i < addresses; i++)
        {
            Fill($"192.0.2.{i}", StrangerSeats.MostOfOne);
        }

        Enter("198.51.100.1").ShouldBe("too many handshakes at once");
        for (var i = 0; i < StrangerSeats.MostOfOne; i++)
        {
            _seats.Leave(At("192.0.2.0"));
        }

        Fill("198.51.100.1", StrangerSeats.MostOfOne);
    }

    private static IPEndPoint At(string address) => new(IPAddress.Parse(address), 4711);

    private string Enter(string address) => _seats.Enter(At(address));

    private void Fill(string address, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Enter(address).ShouldBeEmpty();
        }
    }
}
