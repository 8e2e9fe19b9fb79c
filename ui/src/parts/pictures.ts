/**
 * The pictures that a definition's `icon` can name, in the order they are offered.
 * Never: a picture whose name changes; definitions keep the name.
 */
import Bell from "@lucide/svelte/icons/bell";
import BookOpen from "@lucide/svelte/icons/book-open";
import Bookmark from "@lucide/svelte/icons/bookmark";
import Calendar from "@lucide/svelte/icons/calendar";
import ChartLine from "@lucide/svelte/icons/chart-line";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import CircleX from "@lucide/svelte/icons/circle-x";
import Clock from "@lucide/svelte/icons/clock";
import Coins from "@lucide/svelte/icons/coins";
import CreditCard from "@lucide/svelte/icons/credit-card";
import Download from "@lucide/svelte/icons/download";
import Eye from "@lucide/svelte/icons/eye";
import FileText from "@lucide/svelte/icons/file-text";
import Flag from "@lucide/svelte/icons/flag";
import Gift from "@lucide/svelte/icons/gift";
import Globe from "@lucide/svelte/icons/globe";
import GraduationCap from "@lucide/svelte/icons/graduation-cap";
import Heart from "@lucide/svelte/icons/heart";
import House from "@lucide/svelte/icons/house";
import ImageIcon from "@lucide/svelte/icons/image";
import KeyRound from "@lucide/svelte/icons/key-round";
import LogIn from "@lucide/svelte/icons/log-in";
import LogOut from "@lucide/svelte/icons/log-out";
import Mail from "@lucide/svelte/icons/mail";
import MapPin from "@lucide/svelte/icons/map-pin";
import Megaphone from "@lucide/svelte/icons/megaphone";
import MessageCircle from "@lucide/svelte/icons/message-circle";
import Monitor from "@lucide/svelte/icons/monitor";
import MousePointerClick from "@lucide/svelte/icons/mouse-pointer-click";
import Music from "@lucide/svelte/icons/music";
import Package from "@lucide/svelte/icons/package";
import Percent from "@lucide/svelte/icons/percent";
import Phone from "@lucide/svelte/icons/phone";
import Receipt from "@lucide/svelte/icons/receipt";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import Rocket from "@lucide/svelte/icons/rocket";
import Search from "@lucide/svelte/icons/search";
import Send from "@lucide/svelte/icons/send";
import Share2 from "@lucide/svelte/icons/share-2";
import Shield from "@lucide/svelte/icons/shield";
import ShoppingBag from "@lucide/svelte/icons/shopping-bag";
import ShoppingCart from "@lucide/svelte/icons/shopping-cart";
import Smartphone from "@lucide/svelte/icons/smartphone";
import Star from "@lucide/svelte/icons/star";
import Store from "@lucide/svelte/icons/store";
import Tag from "@lucide/svelte/icons/tag";
import ThumbsDown from "@lucide/svelte/icons/thumbs-down";
import ThumbsUp from "@lucide/svelte/icons/thumbs-up";
import Ticket from "@lucide/svelte/icons/ticket";
import Trash2 from "@lucide/svelte/icons/trash-2";
import Trophy from "@lucide/svelte/icons/trophy";
import Truck from "@lucide/svelte/icons/truck";
import Upload from "@lucide/svelte/icons/upload";
import UserPlus from "@lucide/svelte/icons/user-plus";
import UserRound from "@lucide/svelte/icons/user-round";
import Users from "@lucide/svelte/icons/users";
import Video from "@lucide/svelte/icons/video";
import Wallet from "@lucide/svelte/icons/wallet";
import Wrench from "@lucide/svelte/icons/wrench";
import Zap from "@lucide/svelte/icons/zap";
import type { Component } from "svelte";

export type Picture = Component<{ size?: number; strokeWidth?: number }>;

export const pictures: Record<string, Picture> = {
  house: House,
  star: Star,
  heart: Heart,
  bell: Bell,
  bookmark: Bookmark,
  calendar: Calendar,
  clock: Clock,
  "map-pin": MapPin,
  globe: Globe,
  search: Search,
  eye: Eye,
  "mouse-pointer-click": MousePointerClick,
  "file-text": FileText,
  image: ImageIcon,
  video: Video,
  music: Music,
  download: Download,
  upload: Upload,
  "share-2": Share2,
  send: Send,
  mail: Mail,
  "message-circle": MessageCircle,
  phone: Phone,
  megaphone: Megaphone,
  "thumbs-up": ThumbsUp,
  "thumbs-down": ThumbsDown,
  "circle-check": CircleCheck,
  "circle-x": CircleX,
  flag: Flag,
  trophy: Trophy,
  gift: Gift,
  rocket: Rocket,
  zap: Zap,
  package: Package,
  "shopping-bag": ShoppingBag,
  "shopping-cart": ShoppingCart,
  store: Store,
  tag: Tag,
  ticket: Ticket,
  percent: Percent,
  coins: Coins,
  wallet: Wallet,
  "credit-card": CreditCard,
  receipt: Receipt,
  truck: Truck,
  "refresh-cw": RefreshCw,
  "user-round": UserRound,
  "user-plus": UserPlus,
  users: Users,
  "log-in": LogIn,
  "log-out": LogOut,
  "key-round": KeyRound,
  shield: Shield,
  wrench: Wrench,
  "trash-2": Trash2,
  "book-open": BookOpen,
  "graduation-cap": GraduationCap,
  smartphone: Smartphone,
  monitor: Monitor,
  "chart-line": ChartLine,
};
