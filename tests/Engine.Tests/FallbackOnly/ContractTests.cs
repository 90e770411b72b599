using Orleans;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Engine;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>What the fallback refuses at start, because real Orleans could not carry it.</summary>
/// <remarks>The types are generic so that the silos of the other tests, which look at closed types only, do not see them.</remarks>
public sealed class ContractTests
{
    private static string Refusal(params Type[] types) =>
        Should.Throw<OrleansConfigurationException>(() => ContractChecker.Check(new ApplicationTypes(types))).Message;

    [Fact]
    public void A_message_without_attributes_is_named() =>
        Refusal(typeof(Bad<int>.ITakesPlain)).ShouldSatisfyAllConditions(
            message => message.ShouldContain($"{typeof(Bad<int>.Plain)} lacks [GenerateSerializer]"),
            message => message.ShouldContain($"{typeof(Bad<int>.Plain)} lacks [Alias"),
            message => message.ShouldContain($"{typeof(Bad<int>.Plain)}.Number lacks [Id(n)]"),
            message => message.ShouldContain(nameof(Bad<int>.ITakesPlain.Take)));

    [Fact]
    public void A_message_inside_a_collection_inside_a_message_is_found() =>
        Refusal(typeof(Bad<int>.ITakesNested)).ShouldContain($"{typeof(Bad<int>.Plain)} lacks [GenerateSerializer]");

    [Fact]
    public void Derived_messages_are_found() =>
        Refusal(typeof(Bad<int>.ITakesBase), typeof(Bad<int>.Derived)).ShouldContain($"{typeof(Bad<int>.Derived)} lacks [GenerateSerializer]");

    [Fact]
    public void Two_members_with_one_id_are_named() =>
        Refusal(typeof(Bad<int>.ITakesTwice)).ShouldContain("[Id(0)], which another member has too");

    [Fact]
    public void Methods_of_observers_are_looked_at_too() =>
        Refusal(typeof(Bad<int>.IObserves)).ShouldContain($"{typeof(Bad<int>.Plain)} lacks [GenerateSerializer]");

    [Fact]
    public void A_method_that_returns_no_task_is_named() =>
        Refusal(typeof(Bad<int>.IReturnsInt)).ShouldContain("returns System.Int32");

    [Fact]
    public void A_method_of_a_grain_that_returns_void_is_named() =>
        Refusal(typeof(Bad<int>.IReturnsVoid)).ShouldContain("returns void");

    [Fact]
    public void Types_of_the_base_library_that_are_no_messages_are_named() =>
        Refusal(typeof(Bad<int>.ITakesStream)).ShouldContain("System.IO.Stream");

    [Fact]
    public void Every_error_is_reported_at_once()
    {
        var message = Refusal(typeof(Bad<int>.ITakesPlain), typeof(Bad<int>.IReturnsInt), typeof(Bad<int>.ITakesStream));
        message.ShouldContain("Plain");
        message.ShouldContain("System.Int32");
        message.ShouldContain("System.IO.Stream");
    }

    [Fact]
    public void What_is_right_is_accepted() =>
        Should.NotThrow(() => ContractChecker.Check(new ApplicationTypes([typeof(IPostGrain), typeof(INewsObserver), typeof(Letter)])));

    public static class Bad<T>
    {
        public interface ITakesPlain : IGrainWithStringKey
        {
            Task Take(Plain plain);
        }

        public interface ITakesNested : IGrainWithStringKey
        {
            Task<Outer> Take();
        }

        public interface ITakesBase : IGrainWithStringKey
        {
            Task Take(Parent parent);
        }

        public interface ITakesTwice : IGrainWithStringKey
        {
            Task Take(Twice twice);
        }

        public interface IObserves : IGrainObserver
        {
            void Tell(Plain plain);
        }

        public interface IReturnsInt : IGrainWithStringKey
        {
            int Get();
        }

        public interface IReturnsVoid : IGrainWithStringKey
        {
            void Do();
        }

        public interface ITakesStream : IGrainWithStringKey
        {
            Task Take(Stream stream);
        }

        public sealed class Plain
        {
            public int Number { get; set; }
        }

        [GenerateSerializer, Alias("bad.outer")]
        public sealed class Outer
        {
            [Id(0)]
            public Dictionary<string, List<Plain[]>> Parts { get; set; } = [];
        }

        [GenerateSerializer, Alias("bad.parent")]
        public class Parent;

        public sealed class Derived : Parent;

        [GenerateSerializer, Alias("bad.twice")]
        public sealed class Twice
        {
            [Id(0)]
            public int One { get; set; }

            [Id(0)]
            public int Two { get; set; }
        }
    }
}
